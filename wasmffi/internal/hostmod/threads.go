package hostmod

import "github.com/tetratelabs/wazero/api"

// threadTable is what emscripten's library asks of a host with threads. There is one thread, which is the main one: another
// cannot be made, as where a system has no more of them.
var threadTable = map[string][]variant{
	"emscripten_init_main_thread_js": {{"i:", initMainThread}},
	"pthread_create_js":              {{"iiii:i", answer(errAgain)}},

	// Mail is what other threads send.
	"emscripten_thread_mailbox_await":       {{"i:", nothing}},
	"emscripten_notify_mailbox_postmessage": {{"ii:", nothing}, {"iii:", nothing}},
	"emscripten_thread_set_strongref":       {{"i:", nothing}},
	"emscripten_thread_cleanup":             {{"i:", nothing}},
}

// initMainThread tells the guest where the description of its thread is, which it has made itself and returns from
// pthread_self.
func initMainThread(c call, stack []uint64) {
	const what = "_emscripten_init_main_thread_js"
	init, ok := c.exported("_emscripten_thread_init", "__emscripten_thread_init")
	if !ok || init.params < 5 || init.params > 6 {
		panic(&Abort{what, "the guest exports no _emscripten_thread_init: its names may be missing"})
	}
	const (
		yes, no   = 1, 0
		stackSize = 65536 // that new threads get, of which there are none
	)
	// Whether it is the main thread of browser and runtime, whether it may wait: it must not, as nobody would wake it. The
	// last one, which older versions lack, is whether it is profiled.
	args := [...]uint64{api.EncodeU32(api.DecodeU32(stack[0])), yes, yes, no, stackSize, no}
	c.run(what, init, args[:init.params])
	if tls, ok := c.exported("_emscripten_tls_init", "__emscripten_tls_init"); ok && tls.params == 0 {
		var base [1]uint64
		c.run(what, tls, base[:])
	}
}
