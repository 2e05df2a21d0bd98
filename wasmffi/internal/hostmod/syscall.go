package hostmod

import (
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// onPaths are system calls that look for a file by its name.
var onPaths = map[string]bool{
	"open": true, "openat": true, "stat64": true, "lstat64": true, "newfstatat": true, "fstatat64": true,
	"access": true, "faccessat": true, "readlink": true, "readlinkat": true, "chdir": true, "chmod": true,
	"fchmodat": true, "fchmodat2": true, "fchownat": true, "chown32": true, "lchown32": true, "truncate64": true, "statfs64": true,
	"unlink": true, "unlinkat": true, "rmdir": true, "rename": true, "renameat": true, "mkdir": true,
	"mkdirat": true, "mknodat": true, "link": true, "linkat": true, "symlink": true, "symlinkat": true, "utimensat": true,
}

// onFiles are system calls on an open file, with what they answer for 0, 1 and 2.
var onFiles = map[string]int32{
	"ioctl": -errNotty, "getdents64": -errNotdir, "fchdir": -errNotdir, "ftruncate64": -errInval,
	"fcntl64": -errNosys, "fstat64": -errNosys, "dup": -errNosys, "dup3": -errNosys, "fallocate": -errNosys, "fadvise64": -errNosys,
	"fdatasync": -errNosys, "fchmod": -errNosys, "fchown32": -errNosys, "fstatfs64": -errNosys,
}

// syscall is a system call of emscripten: there are no files, and no others
// than 0, 1 and 2 are open. The result is an error number, negative, in all cases.
func syscall(name, types string) (function, bool) {
	params, results, _ := strings.Cut(types, ":")
	if results != "i" {
		return nil, false
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "syscall"), "_")
	err, file := onFiles[name]
	switch {
	case onPaths[name]:
		return answer(-errNoent), true
	case file && strings.HasPrefix(params, "i"):
		return func(_ call, stack []uint64) {
			if api.DecodeU32(stack[0]) > 2 {
				stack[0] = api.EncodeI32(-errBadf)
				return
			}
			stack[0] = api.EncodeI32(err)
		}, true
	}
	return answer(-errNosys), true
}
