//! `BytesIO`, `StringIO`, `IncrementalNewlineDecoder` and `BufferedRWPair`: see the parts.

use crate::heap::{Ref, Thread};
use crate::objects::class::Class;
use crate::objects::dict::Dict;

pub(super) fn init(_th: &mut Thread, _dict: Ref<Dict>, _buffered: Ref<Class>, _text: Ref<Class>) {}
