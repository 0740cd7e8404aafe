package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

const (
	partTime   = time.Minute // within which some more of a file has to come in
	fieldLimit = 4096        // bytes of a field of a form with a file
)

// errNoFile says that a form came without its file.
var errNoFile = errors.New("web: form without a file")

// upload is the file of a form, while it comes in.
type upload struct {
	*multipart.Part
	name string
	body io.Reader // of the request
}

// formFile reads a form up to its file: what is to be known about it, then the
// file, which comes last. It returns errNoFile where there is none.
func formFile(v *visit) (url.Values, *upload, error) {
	v.Body = patient{v.Body, v.out}
	form, err := v.MultipartReader()
	if err != nil {
		return nil, nil, errNoFile
	}
	fields := make(url.Values)
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil, errNoFile
		case err != nil:
			return nil, nil, err
		case part.FormName() == "file" && part.FileName() == "":
			return nil, nil, errNoFile // none was chosen
		case part.FormName() == "file":
			name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
			return fields, &upload{part, name, v.Body}, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, fieldLimit))
		if err != nil {
			return nil, nil, err
		}
		fields.Add(part.FormName(), strings.TrimSpace(string(text)))
	}
}

// Read implements [io.Reader]. At the end it reads what is left of the request, so
// that nobody waits for it while the file is worked on.
func (u *upload) Read(b []byte) (int, error) {
	n, err := u.Part.Read(b)
	if err == io.EOF {
		if _, err := io.Copy(io.Discard, u.body); err != nil {
			return n, err
		}
	}
	return n, err
}

// patient is a body that gets its time anew with each part that comes in, and none
// after its end.
type patient struct {
	io.ReadCloser
	out *http.ResponseController
}

// Read implements [io.Reader].
func (p patient) Read(b []byte) (int, error) {
	//nolint:errcheck // a reader without deadlines reads all the same
	p.out.SetReadDeadline(time.Now().Add(partTime))
	n, err := p.ReadCloser.Read(b)
	if err != nil {
		//nolint:errcheck // as above
		p.out.SetReadDeadline(time.Time{})
	}
	return n, err
}

// drain reads what is left of a request: a browser hears no answer before it has
// sent everything.
func (v *visit) drain() {
	//nolint:errcheck // who has gone away hears nothing
	io.Copy(io.Discard, v.Body)
}
