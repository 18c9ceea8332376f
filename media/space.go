package media

// Space is how many bytes a disk has.
type Space struct {
	Free  uint64
	Total uint64
}

// Floor is how many bytes of a disk pictures leave free, for messages: 200 MB, or 5 % of a small disk.
func (s Space) Floor() uint64 { return min(200<<20, s.Total/20) }

// Full reports whether the disk is too full for pictures. One that cannot be looked at is not: its writes say more.
func (s *Store) Full() bool {
	space, err := s.Space(s.dir)
	return err == nil && space.Free < space.Floor()
}
