//! `pwd` and `grp`: the databases of users and groups.

use crate::heap::{R, Ref, Thread, Value};
use crate::modules::sys::{StructSeq, struct_seq, struct_type};
use crate::objects::class::Class;
use crate::objects::define::Module;
use crate::objects::list::List;
use crate::objects::string::Str;

/// Makes `pwd`.
///
/// # Errors
/// None but `Abort`.
pub fn init_pwd(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("pwd");
    let class = struct_type(
        th,
        StructSeq {
            name: "pwd.struct_passwd",
            fields: &[
                "pw_name",
                "pw_passwd",
                "pw_uid",
                "pw_gid",
                "pw_gecos",
                "pw_dir",
                "pw_shell",
            ],
            visible: 7,
        },
        true,
    );
    th.set_state("pwd.struct_passwd", class.value());
    th.define(module.dict(), "struct_passwd", class.value());
    th.functions(
        module,
        &[
            ("getpwuid(uid, /)", getpwuid),
            ("getpwnam(name, /)", getpwnam),
            ("getpwall()", getpwall),
        ],
    );
    Ok(module)
}

/// Makes `grp`.
///
/// # Errors
/// None but `Abort`.
pub fn init_grp(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("grp");
    let class = struct_type(
        th,
        StructSeq {
            name: "grp.struct_group",
            fields: &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
            visible: 4,
        },
        true,
    );
    th.set_state("grp.struct_group", class.value());
    th.define(module.dict(), "struct_group", class.value());
    th.functions(
        module,
        &[
            ("getgrgid(id)", getgrgid),
            ("getgrnam(name)", getgrnam),
            ("getgrall()", getgrall),
        ],
    );
    Ok(module)
}

/// The lines of a database, split at colons. The files are read rather than `getpwuid(3)` called, which is not safe with threads.
fn rows(th: &mut Thread, file: &str) -> R<Vec<Vec<String>>> {
    let text = th
        .outside(false, || std::fs::read(file))?
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(text
        .lines()
        .map(|l| l.split(':').map(str::to_string).collect())
        .collect())
}

fn class_named(th: &Thread, name: &'static str) -> Ref<Class> {
    th.rt
        .state
        .get(name)
        .as_class()
        .expect("made with the module")
}

fn user(th: &mut Thread, row: &[String]) -> R<Value> {
    let number = |s: &str| Value::small(s.parse::<i64>().unwrap_or(-1));
    let mut values = vec![];
    for (i, part) in row.iter().enumerate().take(7) {
        values.push(if i == 2 || i == 3 {
            number(part)
        } else {
            th.str_value(part)
        });
    }
    let class = class_named(th, "pwd.struct_passwd");
    struct_seq(th, class, &values)
}

fn users(th: &mut Thread) -> R<Vec<Vec<String>>> {
    let mut all = rows(th, "/etc/passwd")?;
    all.retain(|r| r.len() >= 7);
    Ok(all)
}

fn getpwuid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let uid = th.index_i64(args[0])?;
    match users(th)?.iter().find(|r| r[2].parse() == Ok(uid)) {
        Some(row) => user(th, row),
        None => {
            let text = th.str_value(&format!("getpwuid(): uid not found: {uid}"));
            Err(th.key_error(text))
        }
    }
}
fn name_arg(th: &mut Thread, v: Value) -> R<String> {
    match v.cast::<Str>() {
        Some(s) => Ok(s.to_string()),
        None => {
            let name = th.type_name(v);
            Err(th.type_error(format!("argument must be str, not {name}")))
        }
    }
}
fn getpwnam(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = name_arg(th, args[0])?;
    match users(th)?.iter().find(|r| r[0] == name) {
        Some(row) => user(th, row),
        None => {
            let text = th.str_value(&format!("getpwnam(): name not found: '{name}'"));
            Err(th.key_error(text))
        }
    }
}
fn getpwall(th: &mut Thread, _: &[Value]) -> R<Value> {
    let list = List::new(th, &[]);
    for row in users(th)? {
        let v = user(th, &row)?;
        list.push(th, v)?;
    }
    Ok(list.value())
}

fn group(th: &mut Thread, row: &[String]) -> R<Value> {
    let members: Vec<Value> = row[3]
        .split(',')
        .filter(|m| !m.is_empty())
        .map(|m| th.str_value(m))
        .collect();
    let members = List::new(th, &members).value();
    let (name, password) = (th.str_value(&row[0]), th.str_value(&row[1]));
    let gid = Value::small(row[2].parse::<i64>().unwrap_or(-1));
    let class = class_named(th, "grp.struct_group");
    struct_seq(th, class, &[name, password, gid, members])
}
fn groups(th: &mut Thread) -> R<Vec<Vec<String>>> {
    let mut all = rows(th, "/etc/group")?;
    all.retain(|r| r.len() >= 4);
    Ok(all)
}
fn getgrgid(th: &mut Thread, args: &[Value]) -> R<Value> {
    let gid = th.index_i64(args[0])?;
    match groups(th)?.iter().find(|r| r[2].parse() == Ok(gid)) {
        Some(row) => group(th, row),
        None => {
            let text = th.str_value(&format!("getgrgid(): gid not found: {gid}"));
            Err(th.key_error(text))
        }
    }
}
fn getgrnam(th: &mut Thread, args: &[Value]) -> R<Value> {
    let name = name_arg(th, args[0])?;
    match groups(th)?.iter().find(|r| r[0] == name) {
        Some(row) => group(th, row),
        None => {
            let text = th.str_value(&format!("getgrnam(): name not found: '{name}'"));
            Err(th.key_error(text))
        }
    }
}
fn getgrall(th: &mut Thread, _: &[Value]) -> R<Value> {
    let list = List::new(th, &[]);
    for row in groups(th)? {
        let v = group(th, &row)?;
        list.push(th, v)?;
    }
    Ok(list.value())
}
