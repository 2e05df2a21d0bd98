;; A table without a maximum that is grown until that fails: the limit of tables, and the guest goes on with what it got.
(module
  (table $t 0 funcref)
  (func (export "attack") (local $by i32)
    (local.set $by (i32.const 0x10000000))
    (loop
      (br_if 0 (i32.ge_s (table.grow $t (ref.null func) (local.get $by)) (i32.const 0)))
      (local.set $by (i32.shr_u (local.get $by) (i32.const 1)))
      (br_if 0 (local.get $by)))))
