//! A small library put in front of the system's, which makes every sync take at least 1 ms: for both contenders alike.

use std::process::{Command, Stdio};

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int slowly(const char *name, int descriptor) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int result = sync(descriptor);
    clock_gettime(CLOCK_MONOTONIC, &end);
    long took = (end.tv_sec - begin.tv_sec) * 1000000000L + (end.tv_nsec - begin.tv_nsec);
    if (took < 1000000L) {
        struct timespec rest = {0, 1000000L - took};
        nanosleep(&rest, 0);
    }
    return result;
}
int fsync(int descriptor) { return slowly("fsync", descriptor); }
int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
"#;

/// Runs this program anew with slow syncs; says why it could not.
pub(crate) fn run_with_slow_syncs(arguments: &[&str]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (source, library) = (folder.path().join("slow.c"), folder.path().join("slow.so"));
    std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
    let done = compiler.stderr(Stdio::null()).status().map_err(|error| format!("no C compiler: {error}"))?;
    if !done.success() {
        return Err("the C compiler failed".to_owned());
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let arguments = arguments.iter().filter(|argument| !argument.is_empty());
    let child = Command::new(program).args(arguments).env("LD_PRELOAD", &library).status();
    match child {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("the child failed: {other:?}")),
    }
}
