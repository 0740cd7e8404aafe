package api

// Routes returns every route of s as METHOD PATH.
func Routes(s *Server) (all []string) {
	for _, op := range s.operations() {
		all = append(all, op.method+" "+op.path)
	}
	return all
}

// Problems returns the names of all kinds of problems.
func Problems() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// MaxInvalid is how many lines of contacts that cannot be read are told.
const MaxInvalid = maxInvalid
