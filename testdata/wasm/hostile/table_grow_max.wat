;; Three tables with a maximum of 2^32-1 that are grown in turn until that fails: one limit for all of them.
(module
  (table $a 0 0xffffffff funcref)
  (table $b 0 0xffffffff externref)
  (table $c 0 0xffffffff funcref)
  (func (export "attack") (local $by i32)
    (local.set $by (i32.const 0x40000000))
    (loop
      (br_if 0 (i32.ge_s (table.grow $a (ref.null func) (local.get $by)) (i32.const 0)))
      (br_if 0 (i32.ge_s (table.grow $b (ref.null extern) (local.get $by)) (i32.const 0)))
      (br_if 0 (i32.ge_s (table.grow $c (ref.null func) (local.get $by)) (i32.const 0)))
      (local.set $by (i32.shr_u (local.get $by) (i32.const 1)))
      (br_if 0 (local.get $by)))))
