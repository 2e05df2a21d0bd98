package wasmbin

// edit is what was appended to one section.
type edit struct {
	count uint32 // entries
	bytes []byte
}

// Encode is the module in its binary form, in memory of its own. Sections to which nothing was appended are those that were
// decoded, byte for byte; so a module that was not changed is encoded as it was.
//
// In a section to which entries were appended the old entries are copied byte for byte, too; size and count are written anew.
// A section that was not there stands after the last section that must precede it, custom sections not counted, or where
// there is none before the first that must follow.
func (m *Module) Encode() []byte {
	size := len(m.bytes)
	var fresh, places []int // ids of new sections, in order, and before which section each stands
	for _, id := range inOrder {
		if m.edits[id].count == 0 {
			continue
		}
		size += len(m.edits[id].bytes) + 1 + 2*5
		if m.find(id) < 0 {
			fresh, places = append(fresh, id), append(places, m.place(id))
		}
	}
	out := append(make([]byte, 0, size), header...)
	for i := 0; i <= len(m.Sections); i++ {
		for len(fresh) > 0 && places[0] == i {
			out = appendSection(out, &Section{ID: byte(fresh[0])}, &m.edits[fresh[0]])
			fresh, places = fresh[1:], places[1:]
		}
		if i == len(m.Sections) {
			break
		}
		s := &m.Sections[i]
		if e := &m.edits[s.ID]; e.count > 0 {
			out = appendSection(out, s, e)
		} else {
			out = append(out, s.Raw...)
		}
	}
	return out
}

// appendSection appends a section with what was appended to it.
func appendSection(out []byte, s *Section, e *edit) []byte {
	old := s.Content[s.entries:]
	count := appendUnsigned(nil, uint64(s.count)+uint64(e.count))
	out = append(out, s.ID)
	out = appendUnsigned(out, uint64(len(count))+uint64(len(old))+uint64(len(e.bytes)))
	out = append(out, count...)
	out = append(out, old...)
	return append(out, e.bytes...)
}

// inOrder are the ids of the sections in the order in which they stand.
var inOrder = func() (ids []int) {
	ids = make([]int, lastID)
	for id := 1; id <= lastID; id++ {
		ids[sections[id].rank-1] = id
	}
	return ids
}()

// find is the place of a section, -1 where there is none.
func (m *Module) find(id int) int {
	for i := range m.Sections {
		if int(m.Sections[i].ID) == id {
			return i
		}
	}
	return -1
}

// place is the index of the section before which a new one stands.
func (m *Module) place(id int) int {
	after, before := -1, -1
	for i := range m.Sections {
		switch rank := sections[m.Sections[i].ID].rank; {
		case rank == 0:
		case rank < sections[id].rank:
			after = i
		case before < 0:
			before = i
		}
	}
	switch {
	case after >= 0:
		return after + 1
	case before >= 0:
		return before
	}
	return len(m.Sections)
}
