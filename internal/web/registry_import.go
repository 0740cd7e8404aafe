package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"nocall/internal/access"
	"nocall/internal/registry"
)

// registryForm is the dialog in which files of a registry are sent, as it was
// filled in.
type registryForm struct {
	Name    string
	Fixed   bool // the name is that of the page it was opened from
	Names   []string
	AsOf    string
	Keep    bool
	Problem string
	Smaller bool // all that is wrong is that an area has lost much
}

// knownRegistries are those that need no setting up.
var knownRegistries = []string{"us-national", "canada", "uk-tps", "uk-ctps"}

func (s *Server) importRegistryForm(v *visit) (answer, error) {
	name := v.FormValue("registry")
	return s.registryDialog(registryForm{Name: name, Fixed: name != ""}), nil
}

func (s *Server) registryDialog(form registryForm) answer {
	form.Names = slices.Clone(knownRegistries)
	for _, r := range s.Registries.All() {
		if !slices.Contains(form.Names, r.Name) {
			form.Names = append(form.Names, r.Name)
		}
	}
	return dialog("registry-import", "Import files of a registry", form)
}

// importRegistry makes a new version of a registry of the files that are sent.
func (s *Server) importRegistry(v *visit) (answer, error) {
	im := registry.Import{By: v.who.Name}
	version, err := s.readRegistry(v, &im)
	if err == nil {
		s.registryChanged(v, im.Registry)
		return done(fmt.Sprintf("%s has %s in %s, as of %s.", im.Registry,
			plural(int(version.Numbers), "number", "numbers"),
			plural(len(version.Areas), "area", "areas"), version.AsOf.Format(time.DateOnly)),
			v.in("/registries/"+im.Registry)), nil
	}
	v.drain()
	form := registryForm{Name: im.Registry, Keep: im.Keep}
	if form.Problem, form.Smaller = registryProblem(err); form.Problem == "" {
		return answer{}, err
	}
	if !im.AsOf.IsZero() {
		form.AsOf = im.AsOf.Format(time.DateOnly)
	}
	a := s.registryDialog(form)
	if v.partial() { // the dialog is there, and keeps its files
		a = dialog("registry-problem", "Import", form)
	}
	return a.refused(http.StatusUnprocessableEntity), nil
}

// registryProblem says why files were refused, "" for what is nobody's fault but
// ours, and whether they may be taken all the same.
func registryProblem(err error) (problem string, smaller bool) {
	wrong, ok := errors.AsType[*registry.FileError](err)
	switch {
	case ok && wrong.File != "": // whose name stays as it is
		return strings.TrimSuffix(wrong.Error(), ".") + ".", wrong.Smaller
	case ok:
		return spoken(wrong.Error()), wrong.Smaller
	case errors.Is(err, registry.ErrInvalid), errors.Is(err, registry.ErrDamaged):
		return refusal(err), false
	case errors.Is(err, errNoFile):
		return "Choose one file or several.", false
	case errors.Is(err, syscall.ENOSPC):
		return "The disk of the server is full.", false
	}
	return "", false
}

// refusal returns what is said of a registry that is not acceptable, as a sentence.
func refusal(err error) string {
	text := strings.TrimPrefix(err.Error(), registry.ErrInvalid.Error()+": ")
	return spoken(strings.TrimPrefix(text, "registry: "))
}

// readRegistry reads the form, and has the files made into a version.
func (s *Server) readRegistry(v *visit, im *registry.Import) (registry.Version, error) {
	v.Body = patient{v.Body, v.out}
	form, err := v.MultipartReader()
	if err != nil {
		return registry.Version{}, errNoFile
	}
	taken, err := s.takeParts(v.Context(), form, im)
	for _, t := range taken {
		defer t.Drop()
		im.Files = append(im.Files, t.Files...)
	}
	switch {
	case err != nil:
		return registry.Version{}, err
	case len(taken) == 0:
		return registry.Version{}, errNoFile
	}
	r, err := s.Registries.One(im.Registry)
	if err == nil && !s.registryRow(v, r).May {
		return registry.Version{}, access.ErrForbidden
	}
	return s.Registries.Import(v.Context(), *im)
}

// takeParts reads the fields of the form into im, and keeps its files on the disk.
// What was taken is returned with an error too.
func (s *Server) takeParts(
	ctx context.Context, form *multipart.Reader, im *registry.Import,
) (taken []registry.Taken, err error) {
	for {
		part, err := form.NextPart()
		if err == io.EOF { // as it is: wrapped, it says that the form has been cut off
			return taken, nil
		}
		if err != nil {
			return taken, err
		}
		if part.FormName() != "file" {
			if err := readField(part, im); err != nil {
				return taken, err
			}
			continue
		}
		if part.FileName() == "" {
			continue // none was chosen
		}
		one, err := s.Intake.Take(ctx, part.FileName(), part)
		if err != nil {
			return taken, err
		}
		taken = append(taken, one)
	}
}

// readField reads one field of the form.
func readField(part *multipart.Part, im *registry.Import) (err error) {
	text, err := io.ReadAll(io.LimitReader(part, fieldLimit))
	if err != nil {
		return err
	}
	switch value := strings.TrimSpace(string(text)); part.FormName() {
	case "registry":
		im.Registry = value
	case "keep":
		im.Keep = value != ""
	case "smaller":
		im.Smaller = value != ""
	case "as_of":
		if value == "" {
			return nil
		}
		if im.AsOf, err = time.Parse(time.DateOnly, value); err != nil {
			return fmt.Errorf("%w: as of wants a day, such as 2026-11-01", registry.ErrInvalid)
		}
	}
	return nil
}
