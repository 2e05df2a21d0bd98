package wasmbin

// edit is what was changed in one section.
type edit struct {
	count uint32 // entries that were appended
	bytes []byte // theirs
	anew  bool   // an entry was changed: all of them, the appended ones too, are encoded from the fields of the module
}

// Encode is the module in its binary form, in memory of its own. Sections that were not changed are those that were decoded,
// byte for byte; so a module that was not changed is encoded as it was.
//
// In a section to which entries were appended the old entries are copied byte for byte, too; size and count are written anew.
// A section of which an entry was changed is written anew, in the shortest form, and left out when it has no entry any more.
// A section that was not there stands after the last section that must precede it, custom sections not counted, or where
// there is none before the first that must follow.
func (m *Module) Encode() []byte {
	size := len(m.bytes)
	var fresh, places []int // ids of new sections, in order, and before which section each stands
	for _, id := range inOrder {
		if !m.edits[id].made() {
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
			out = m.appendSection(out, fresh[0], &Section{})
			fresh, places = fresh[1:], places[1:]
		}
		if i == len(m.Sections) {
			break
		}
		s := &m.Sections[i]
		if m.dropped[i] {
			continue
		}
		if m.edits[s.ID].made() {
			out = m.appendSection(out, int(s.ID), s)
		} else {
			out = append(out, s.Raw...)
		}
	}
	return out
}

// made is whether there is a change.
func (e *edit) made() bool { return e.anew || e.count > 0 }

// appendSection appends a section that was changed; s is what it was.
func (m *Module) appendSection(out []byte, id int, s *Section) []byte {
	e := &m.edits[id]
	n, old, added := uint64(s.count)+uint64(e.count), s.Content[s.entries:], e.bytes
	if e.anew {
		count, entries := m.encodeEntries(id)
		if count == 0 {
			return out
		}
		n, old, added = uint64(count), entries, nil
	}
	count := appendUnsigned(nil, n)
	out = append(out, byte(id))
	out = appendUnsigned(out, uint64(len(count))+uint64(len(old))+uint64(len(added)))
	out = append(out, count...)
	out = append(out, old...)
	return append(out, added...)
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
