;; A start function that grows a table until that fails: the same limit as in calls.
(module
  (table $t 1 funcref)
  (func $start
    (loop
      (br_if 0 (i32.ge_s (table.grow $t (ref.null func) (i32.const 0x8000)) (i32.const 0)))))
  (start $start)
  (func (export "attack") (if (i32.gt_u (table.size $t) (i32.const 20000000)) (then (unreachable)))))
