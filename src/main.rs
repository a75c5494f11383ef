//! The command line.

use keelback::heap::{Fail, Value};
use keelback::objects::dict::Dict;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let child = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(real)
        .expect("a thread");
    std::process::exit(child.join().unwrap_or(134));
}

fn real() -> i32 {
    let args: Vec<String> = std::env::args().collect();
    let (source, name, rest) = if args[1] == "-c" {
        (args[2].clone(), "<string>".to_string(), args[3..].to_vec())
    } else {
        (
            std::fs::read_to_string(&args[1]).expect("the script"),
            args[1].clone(),
            args[2..].to_vec(),
        )
    };
    let mut s = keelback::heap::runtime::Settings::default();
    let var = |n: &str| std::env::var(n).ok();
    s.gc_stress = var("KEELBACK_GC_STRESS").is_some();
    s.chaos = var("KEELBACK_CHAOS").and_then(|v| v.parse().ok());
    s.block = var("KEELBACK_BLOCK").and_then(|v| v.parse().ok());
    let mut th = keelback::objects::boot(s);
    keelback::vm::set_current_thread(&mut *th);
    th.vm.main = true;
    let mut argv = vec![if name == "<string>" {
        "-c".into()
    } else {
        name.clone()
    }];
    argv.extend(rest);
    let folder = std::path::Path::new(&name)
        .parent()
        .map(|p| p.to_string_lossy().into_owned())
        .unwrap_or_default();
    let config = keelback::modules::sys::config::Config {
        argv,
        script_folder: Some(folder),
        ..Default::default()
    };
    let _ = th.rt.state.config.set(config);
    keelback::builtins::init(&mut th);
    let r = (|| {
        keelback::modules::sys::init(&mut th)?;
        keelback::modules::io::start(&mut th)?;
        let main = th.new_module("__main__");
        let builtins = th.rt.state.get("builtins module");
        let dict = main.dict();
        th.define(dict, "__builtins__", builtins);
        let file = th.str_value(&name);
        th.define(dict, "__file__", file);
        let key = th.str_value("__main__");
        if let Some(modules) = th.rt.state.get("modules").cast::<Dict>() {
            modules.insert(&mut th, key, main.value())?;
        }
        let o = keelback::compile::Options::new(keelback::compile::Mode::Exec, name.clone());
        let unit = match keelback::compile::compile(&source, &o) {
            Ok(c) => c.code,
            Err(e) => return Err(keelback::builtins::raise_syntax_error(&mut th, e)),
        };
        let code = th.load_code(unit)?;
        th.run_code(code, dict.value(), Value::NULL)
    })();
    let mut status = 0;
    if let Err(f) = r {
        assert!(f == Fail::Raise);
        let exc = th.take_exc();
        keelback::modules::sys::hooks::show_exception(&mut th, exc);
        status = 1;
    }
    keelback::modules::sys::hooks::flush_std_streams(&mut th);
    std::process::exit(status)
}
