;; A start function that is an import which nobody supplies: no instance, and an error that names it.
(module
  (import "env" "nobody" (func $nobody))
  (start $nobody))
