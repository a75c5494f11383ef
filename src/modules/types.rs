//! `_types`: the built-in types that have no name in `builtins`.

use crate::heap::{R, Ref, Thread};
use crate::objects::define::Module;
use crate::objects::generic_alias::GenericAlias;
use crate::objects::mapping_proxy::MappingProxy;
use crate::objects::union::Union;

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_types");
    let types = th.rt.types();
    let dict = module.dict();
    for (name, class) in [
        ("AsyncGeneratorType", types.async_generator),
        ("BuiltinFunctionType", types.builtin_function),
        ("BuiltinMethodType", types.builtin_function),
        ("CellType", types.cell),
        ("ClassMethodDescriptorType", types.method_descriptor),
        ("CodeType", types.code),
        ("CoroutineType", types.coroutine),
        ("EllipsisType", types.ellipsis),
        (
            "FrameType",
            th.class_for::<super::sys::frame::FrameSnapshot>(),
        ),
        ("FunctionType", types.function),
        ("GeneratorType", types.generator),
        ("GenericAlias", th.class_for::<GenericAlias>()),
        ("GetSetDescriptorType", types.getset_descriptor),
        ("LambdaType", types.function),
        ("MappingProxyType", th.class_for::<MappingProxy>()),
        ("MemberDescriptorType", types.member_descriptor),
        ("MethodDescriptorType", types.method_descriptor),
        ("MethodType", types.method),
        ("MethodWrapperType", types.method_wrapper),
        ("ModuleType", types.module),
        ("NoneType", types.none_type),
        ("NotImplementedType", types.not_implemented),
        ("SimpleNamespace", th.namespace_class()),
        ("TracebackType", types.traceback),
        ("UnionType", th.class_for::<Union>()),
        ("WrapperDescriptorType", types.wrapper_descriptor),
    ] {
        th.define(dict, name, class.value());
    }
    // Nothing here wraps C pointers, but the name is imported.
    let object = types.object;
    let capsule = th.new_class(
        "PyCapsule",
        object,
        crate::objects::class::LayoutInfo::of::<crate::objects::Instance>(),
        crate::objects::class::class_flags::NO_NEW,
        |_| {},
    );
    th.define(dict, "CapsuleType", capsule.value());
    Ok(module)
}
