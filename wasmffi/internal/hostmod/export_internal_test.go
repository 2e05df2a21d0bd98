package hostmod

// Standard is compared with what the engine has.
var Standard = standard
