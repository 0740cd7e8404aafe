package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/registry"
)

const importText = "The body is a file as the registry gives it: text, XML, a zip of them, or " +
	"gzip; or several as multipart/form-data, which are one version. Its layout is " +
	"recognised, or is that of the registry's mapping. A file of changes changes the version in " +
	"force.\n\nA file that is not whole, has a line that does not fit or a number of an area " +
	"that it should not have is refused, and the answer says in which line; then the version " +
	"before stays in force. So does one of which an area has lost more than a tenth of its " +
	"numbers, as a file may have been cut off where nobody can see it, unless smaller is " +
	"true.\n\nThe new version is on the disk and in force when it is answered. A registry that " +
	"there is not is set up." + sharedText

var importRegistryRoute = route{
	method: http.MethodPost, path: registryPath + "/versions", id: "importRegistry",
	tag: "registries", summary: "Import a new version of a registry", role: access.Admin,
	status: http.StatusCreated, text: importText, problems: []string{"invalid"},
}

func describeImportRegistry(d *desk, op *huma.Operation) {
	yes := &huma.Schema{Type: huma.TypeBoolean}
	text := &huma.Schema{Type: huma.TypeString}
	op.Parameters = append(
		op.Parameters,
		inPath("name", "Name of the registry", "us-national"),
		inQuery("as_of", "The day on which the files were so; by default as their names say, "+
			"or today", &huma.Schema{Type: huma.TypeString, Format: "date"}),
		inQuery("file", "Name of the file, if there is one only", text),
		inQuery("keep", "Area codes that the files do not have stay as they are", yes),
		inQuery("smaller", "An area may have far fewer numbers than before, or be gone", yes),
	)
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: binary},
		"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Properties: map[string]*huma.Schema{
				"file": {Type: huma.TypeArray, Items: binary},
			},
		}},
	}}
	op.Responses["201"].Content = d.jsonOf(reflect.TypeFor[Version]())
}

// importRegistry answers with the version that was made of what is sent.
func (d *desk) importRegistry() handler {
	return func(w http.ResponseWriter, r *http.Request, id access.Identity) {
		v, err := d.newVersion(w, r, id)
		if err != nil {
			// What is left of the request is not waited for, nor taken for another one.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now())
			w.Header().Set("Connection", "close")
			d.fail(w, r, err)
			return
		}
		d.write(w, http.StatusCreated, versionOf(v, v.ID))
	}
}

func (d *desk) newVersion(
	w http.ResponseWriter, r *http.Request, id access.Identity,
) (registry.Version, error) {
	name := r.PathValue("name")
	if err := d.mayChange(id, name); err != nil {
		return registry.Version{}, err
	}
	im, err := importOf(r)
	if err != nil {
		return registry.Version{}, err
	}
	im.Registry, im.By = name, id.Name
	body := &scrubBody{body: r.Body, out: http.NewResponseController(w)}
	taken, err := d.takeFiles(r, body)
	for _, t := range taken {
		defer t.Drop()
		im.Files = append(im.Files, t.Files...)
	}
	if err != nil {
		return registry.Version{}, fileError(body.err(err))
	}
	_ = body.out.SetWriteDeadline(time.Time{}) // it takes as long as it takes
	v, err := d.Registries.Import(r.Context(), im)
	return v, fileError(err)
}

// importOf reads how the files of a request are to be imported.
func importOf(r *http.Request) (im registry.Import, err error) {
	q := r.URL.Query()
	for name, into := range map[string]*bool{"keep": &im.Keep, "smaller": &im.Smaller} {
		text := q.Get(name)
		if *into, err = strconv.ParseBool(text); err != nil && text != "" {
			return im, at("query."+name, fmt.Errorf("%w: want true or false", errInvalid))
		}
	}
	if text := q.Get("as_of"); text != "" {
		if im.AsOf, err = time.Parse(time.DateOnly, text); err != nil {
			return im, at("query.as_of", fmt.Errorf(
				"%w: want a day, such as 2026-11-01", errInvalid))
		}
	}
	return im, nil
}

// takeFiles takes in the files that a request brings: one, or those of a form.
func (d *desk) takeFiles(r *http.Request, body io.Reader) (all []registry.Taken, err error) {
	form, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if form != "multipart/form-data" {
		name := r.URL.Query().Get("file")
		if name == "" {
			name = "file"
		}
		one, err := d.Intake.Take(r.Context(), name, body)
		if err != nil {
			return nil, err
		}
		return []registry.Taken{one}, nil
	}
	r.Body = io.NopCloser(body)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, at("body", fmt.Errorf("%w: %v", errMalformed, err))
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF { // as it is: wrapped, it says that the form has been cut off
			return all, nil
		}
		if err != nil {
			return all, at("body", fmt.Errorf("%w: %v", errMalformed, err))
		}
		if part.FileName() == "" {
			continue
		}
		one, err := d.Intake.Take(r.Context(), part.FileName(), part)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = at("body", fmt.Errorf("%w: the form has been cut off", errMalformed))
		}
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
}

// fileError says of a file that it is refused.
func fileError(err error) error {
	if wrong, ok := errors.AsType[*registry.FileError](err); ok {
		return at("body", fmt.Errorf("%w: %v", errInvalid, wrong))
	}
	return err
}
