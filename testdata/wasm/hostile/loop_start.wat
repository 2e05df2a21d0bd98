;; A start function that loops for ever: no instance, stopped as calls are.
(module
  (func $start (loop (br 0)))
  (start $start))
