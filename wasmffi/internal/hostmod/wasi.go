package hostmod

import (
	"encoding/binary"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// Numbers of errors in WASI, which emscripten has taken over.
const (
	errAgain       = 6  // no more of what is wanted
	errBadf        = 8  // no such file descriptor
	errFault       = 21 // address is outside of the memory
	errInval       = 28 // invalid argument
	errNametoolong = 37 // a name or path is too long
	errNoent       = 44 // no such file
	errNosys       = 52 // no such function
	errNotdir      = 54 // not a directory
	errNotty       = 59 // not a terminal
	errSpipe       = 70 // a pipe or terminal has no position
)

// standard is the functions of WASI preview 1 that the engine has, with their types.
var standard = map[string]string{
	"args_get": "ii:i", "args_sizes_get": "ii:i", "environ_get": "ii:i", "environ_sizes_get": "ii:i",
	"clock_res_get": "ii:i", "clock_time_get": "iji:i",
	"fd_advise": "ijji:i", "fd_allocate": "ijj:i", "fd_close": "i:i", "fd_datasync": "i:i", "fd_fdstat_get": "ii:i",
	"fd_fdstat_set_flags": "ii:i", "fd_fdstat_set_rights": "ijj:i", "fd_filestat_get": "ii:i",
	"fd_filestat_set_size": "ij:i", "fd_filestat_set_times": "ijji:i", "fd_pread": "iiiji:i", "fd_prestat_get": "ii:i",
	"fd_prestat_dir_name": "iii:i", "fd_pwrite": "iiiji:i", "fd_read": "iiii:i", "fd_readdir": "iiiji:i", "fd_renumber": "ii:i",
	"fd_seek": "ijii:i", "fd_sync": "i:i", "fd_tell": "ii:i", "fd_write": "iiii:i",
	"path_create_directory": "iii:i", "path_filestat_get": "iiiii:i", "path_filestat_set_times": "iiiijji:i",
	"path_link": "iiiiiii:i", "path_open": "iiiiijjii:i", "path_readlink": "iiiiii:i", "path_remove_directory": "iii:i",
	"path_rename": "iiiiii:i", "path_symlink": "iiiii:i", "path_unlink_file": "iii:i",
	"poll_oneoff": "iiii:i", "proc_raise": "i:i", "random_get": "ii:i", "sched_yield": ":i",
	"sock_accept": "iii:i", "sock_recv": "iiiiii:i", "sock_send": "iiiii:i", "sock_shutdown": "ii:i",
}

// unstable is what wasi_unstable has under the same names and types but with other numbers
// or layouts; nil: a stub.
var unstable = map[string]function{
	"fd_seek":           stdio(errSpipe), // the three origins are numbered otherwise
	"fd_filestat_get":   filestatUnstable,
	"path_filestat_get": stdio(errNotdir), // a record of 56 bytes instead of 64
	"poll_oneoff":       nil,              // records of 56 bytes instead of 48
}

// split is the functions whose types have i64, for guests that split it. Without
// files there are 0, 1 and 2 only, which have no position, size or entries.
var split = map[string]function{
	"clock_time_get":          clockTimeGet,
	"fd_advise":               stdio(errSpipe),
	"fd_allocate":             stdio(errSpipe),
	"fd_fdstat_set_rights":    stdio(errNosys), // as the engine's
	"fd_filestat_set_size":    stdio(errInval),
	"fd_filestat_set_times":   stdio(errNosys),
	"fd_pread":                stdio(errSpipe),
	"fd_pwrite":               stdio(errSpipe),
	"fd_readdir":              stdio(errNotdir),
	"fd_seek":                 stdio(errSpipe),
	"path_filestat_set_times": stdio(errNotdir),
	"path_open":               stdio(errNotdir),
}

// findWASI is the supply of a function of WASI. In another module than WASI's its name counts too,
// as emscripten's have it, with or without a prefix.
func findWASI(im *Import, types string) (supply, bool) {
	name, old := im.Name, im.Module == "wasi_unstable"
	switch {
	case im.Meaning != "":
		name = bareWASI(im.Meaning)
	case im.Module == "env":
		name = bareWASI(im.Name)
	case im.Module != "wasi_snapshot_preview1" && !old:
		return supply{}, false
	}
	if name == "proc_exit" && types == "i:" {
		return supply{family: WASI, fn: exit}, true
	}
	want, ok := standard[name]
	if !ok {
		return supply{}, false
	}
	fn := split[name]
	switch differs, is := unstable[name]; {
	case types == want && old && is && differs == nil:
		return unresolved(Stub, im, name), true
	case types == want && old && is:
		return supply{family: WASI, fn: differs}, true
	case types == want:
		return supply{family: WASI, engine: name}, true
	case types == legalised(want) && fn != nil:
		return supply{family: WASI, fn: fn}, true
	}
	return supply{}, false
}

func bareWASI(name string) string {
	return strings.TrimPrefix(strings.TrimLeft(name, "_"), "wasi_")
}

// exit ends the call with the guest's code. The engine's own closes the instance
// and frees its memory, below the arrays that refer to it.
func exit(_ call, stack []uint64) { panic(sys.NewExitError(api.DecodeU32(stack[0]))) }

// stdio answers err for the three descriptors that there are, and that there is no such
// one for others.
func stdio(err uint64) function {
	return func(_ call, stack []uint64) {
		if api.DecodeU32(stack[0]) > 2 {
			err := uint64(errBadf)
			stack[0] = err
			return
		}
		stack[0] = err
	}
}

// clockTimeGet has the precision in two halves, and ignores it.
func clockTimeGet(c call, stack []uint64) {
	var t uint64
	switch api.DecodeU32(stack[0]) {
	case 0:
		sec, nsec := c.env.now()
		t = uint64(sec)*1e9 + uint64(nsec)
	case 1:
		t = uint64(c.env.ticks())
	default:
		stack[0] = errInval
		return
	}
	stack[0] = c.answer64(api.DecodeU32(stack[3]), t)
}

// answer64 stores a number of 64 bits and gives the number of the error, or 0.
func (c call) answer64(p uint32, x uint64) uint64 {
	b, ok := c.bytes(p, 8)
	if !ok {
		return errFault
	}
	binary.LittleEndian.PutUint64(b, x)
	return 0
}

// filestatUnstable says of 0, 1 and 2 that they are character devices. Its record is of 56 bytes: dev,
// ino, filetype, nlink in 32 bits, size and three times.
func filestatUnstable(c call, stack []uint64) {
	const characterDevice = 2
	if api.DecodeU32(stack[0]) > 2 {
		stack[0] = errBadf
		return
	}
	b, ok := c.bytes(api.DecodeU32(stack[1]), 56)
	if !ok {
		stack[0] = errFault
		return
	}
	clear(b)
	b[16] = characterDevice
	b[20] = 1
	stack[0] = 0
}
