;; Sleeps for ever by emscripten_thread_sleep and usleep: stopped, with true clocks and without.
(module
  (import "env" "emscripten_thread_sleep" (func $sleep (param f64)))
  (import "env" "usleep" (func $usleep (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "attack")
    (loop
      (call $sleep (f64.const inf))
      (call $sleep (f64.const nan))
      (call $sleep (f64.const 1e300))
      (drop (call $usleep (i32.const -1)))
      (br 0))))
