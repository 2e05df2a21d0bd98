package constraints

// Role says what becomes of a parameter in a call.
type Role uint8

// The roles of parameters.
const (
	Given       Role = iota // a number that the caller gives
	Derived                 // an extent that the host fills in; never given
	Array                   // an array that the caller gives, or leaves out when it is Out
	OutScalar               // a pointer to one value that the host provides; never given
	InOutScalar             // a pointer to one value that the caller gives as a number
)
