use keelback::heap::*;
use keelback::objects::dict::Dict;
fn print(th: &mut Thread, a: &[Value]) -> R<Value> {
    let items = keelback::objects::native::tuple_items(a[0]).to_vec();
    let mut s = vec![];
    for v in items {
        s.push(th.to_str(v)?.to_string())
    }
    let sep = if a[1].is_null() || a[1].is_none() {
        " ".to_string()
    } else {
        th.to_str(a[1])?.to_string()
    };
    let end = if a[2].is_null() || a[2].is_none() {
        "\n".to_string()
    } else {
        th.to_str(a[2])?.to_string()
    };
    print!("{}{}", s.join(&sep), end);
    Ok(Value::NONE)
}
fn main() {
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(real)
        .unwrap()
        .join()
        .unwrap();
}
fn real() {
    let path = std::env::args().nth(1).unwrap();
    let src = std::fs::read_to_string(&path).unwrap();
    let mut s = keelback::heap::runtime::Settings::default();
    if std::env::var("GCS").is_ok() {
        s.gc_stress = true
    }
    let mut th = keelback::objects::boot(s);
    let m = keelback::builtins::init(&mut th);
    th.functions(
        m,
        &[(
            "print(*args, sep=None, end=None, file=None, flush=None)",
            print,
        )],
    );
    let o = keelback::compile::Options::new(keelback::compile::Mode::Exec, path);
    let c = match keelback::compile::compile(&src, &o) {
        Ok(c) => c,
        Err(e) => {
            println!("{e:?}");
            return;
        }
    };
    let code = th.load_code(c.code).unwrap();
    let globals = Dict::new(&mut th);
    let name = th.str_value("__main__");
    th.define(globals, "__name__", name);
    let t = std::time::Instant::now();
    let r = th.run_code(code, globals.value(), Value::NULL);
    if r.is_err() {
        let e = th.take_exc();
        let n = th.type_name(e);
        let x = e.cast::<keelback::objects::exception::Exception>().unwrap();
        let mut tb = x.traceback.peek();
        while let Some(t) = tb.native::<keelback::objects::exception::Traceback>() {
            println!("  line {}", t.line.peek());
            tb = t.next.peek();
        }
        println!(
            "{n}: {}",
            th.to_str(e).map(|s| s.to_string()).unwrap_or("?".into())
        );
    }
    if std::env::var("TIME").is_ok() {
        eprintln!("{:?} {:?}", r, t.elapsed());
    }
}
