package api_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// sealed lets a house keep passwords.
func sealed(t *testing.T) func(*house) {
	return func(h *house) {
		sealer, err := access.NewSealer(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		h.store.SealWith(sealer)
	}
}

func TestProviders(t *testing.T) {
	changes := 0
	h := newHouse(t, func(h *house) {
		sealed(t)(h)
		h.TrunksChanged = func() { changes++ }
	})
	const body = `{"name":"trunk","kind":"sip","address":"127.0.0.1:5090","transport":"udp","username":"u","password":"open sesame","register":true,"tech_prefix":"99"}`
	h.run(t, []row{
		{"GET", "~/providers", "", 200, `"total":2 & "name":"external","kind":"external","built_in":true & "name":"simulator"`, "", "sandbox viewer"},
		{"POST", "~/providers", body, 403, `/problems/forbidden`, "", "sandbox member"},
		{"POST", "~/providers", body, 201, `"name":"trunk","kind":"sip","built_in":false,"address":"127.0.0.1:5090","transport":"udp","username":"u","has_password":true,"register":true & "tech_prefix":"99" & "unwanted":true`, "sesame & \"password\"", ""},
		{"POST", "~/providers", body, 409, `/problems/exists`, "sesame", ""},
		{"GET", "~/providers", "", 200, `"total":3 & "has_password":true`, "sesame", "sandbox viewer"},
		{"GET", "~/providers/trunk", "", 200, `"has_password":true`, "sesame", "sandbox viewer"},
		{"PATCH", "~/providers/trunk", `{"address":"sip.example.com","transport":"tls","failover":["192.0.2.1"]}`, 200, `"address":"sip.example.com","transport":"tls" & "has_password":true & "failover":["192.0.2.1:5061"]`, "sesame", ""},
		{"PATCH", "~/providers/trunk", `{"password":null}`, 200, `"username":"u","has_password":false`, "", ""},
		{"PATCH", "~/providers/trunk", `{"password":"b","username":null,"register":false}`, 422, `body.username`, "", ""},
		{"PATCH", "~/providers/trunk", `{"kind":"sip"}`, 422, `body.kind`, "", ""},
		{"PATCH", "~/providers/trunk", `{"caller_id":"+14155550100","max_calls":7,"srtp":true,"unwanted":false}`, 200, `"caller_id":"+14155550100","srtp":true,"unwanted":false,"max_calls":7`, "", ""},
		{"PATCH", "~/providers/nothing", `{}`, 404, `/problems/not-found`, "", ""},
		{"PATCH", "~/providers/simulator", `{}`, 409, `/problems/conflict`, "", ""},
		{"DELETE", "~/providers/external", "", 409, `/problems/conflict`, "", ""},
		{"GET", "~/providers/simulator", "", 200, `"built_in":true`, "", ""},
		{"POST", "~/campaigns", `{"name":"x","provider":"trunk","caller_ids":["+14155550100"]}`, 201, `"provider":"trunk"`, "", ""},
		{"DELETE", "~/providers/trunk", "", 409, `/problems/conflict`, "", ""}, // a campaign uses it
		{"GET", "/v1/environments/production/providers", "", 200, `"total":2`, "", "production viewer"},
	})
	if changes != 4 {
		t.Errorf("told of %d changes of trunks, want 4", changes)
	}
}

func TestProvidersThatCannotBe(t *testing.T) {
	h := newHouse(t, nil)
	for _, tt := range []struct{ body, location string }{
		{`{"kind":"sip","address":"a:5060"}`, "body.name"},
		{`{"name":"Trunk","kind":"sip","address":"a:5060"}`, "body.name"},
		{`{"name":"simulator","kind":"sip","address":"a:5060"}`, "body.name"},
		{`{"name":"t","kind":"pigeon","address":"a:5060"}`, "body.kind"},
		{`{"name":"t","kind":"sip"}`, "body.address"},
		{`{"name":"t","kind":"sip","address":"a b"}`, "body.address"},
		{`{"name":"t","kind":"sip","address":"a:70000"}`, "body.address"},
		{`{"name":"t","kind":"sip","address":"a","transport":"pigeon"}`, "body.transport"},
		{`{"name":"t","kind":"sip","address":"a","username":"u\r\nVia: x"}`, "body.username"},
		{`{"name":"t","kind":"sip","address":"a","password":"p"}`, "body.username"},
		{`{"name":"t","kind":"sip","address":"a","register":true}`, "body.username"},
		{`{"name":"t","kind":"sip","address":"a","tech_prefix":"x"}`, "body.tech_prefix"},
		{`{"name":"t","kind":"sip","address":"a","failover":["b","c d"]}`, "body.failover[1]"},
		{`{"name":"t","kind":"sip","address":"a","proxy":"c d"}`, "body.proxy"},
		{`{"name":"t","kind":"sip","address":"a","max_calls":-1}`, "body.max_calls"},
		{`{"name":"t","kind":"sip","address":"a","caller_id":"x"}`, "body.caller_id"},
		{`{"name":"t","kind":"sip","address":"a","secret":"x"}`, "body.secret"},
	} {
		h.run(t, []row{{"POST", "~/providers", tt.body, 422, `"location":"` + tt.location + `"`, "", ""}})
	}
}

func TestProviderIsTested(t *testing.T) {
	var test voice.TrunkTest
	var failure error
	h := newHouse(t, func(h *house) {
		h.TestTrunk = func(
			_ context.Context, _ dnc.Environment, name string,
		) (voice.TrunkTest, error) {
			if name != "trunk" {
				t.Errorf("asked %q", name)
			}
			return test, failure
		}
	})
	ok := row{"POST", "~/providers/trunk/test", "", 200, `{"ok":true,"code":200,"reason":"OK","took":"12ms","registration":"off"}`, "", "sandbox member"}
	lost := row{"POST", "~/providers/trunk/test", "", 200, `{"ok":false,"code":null,"reason":"no answer","took":null,"registration":null}`, "", ""}
	h.run(t, []row{
		{"POST", "~/providers/trunk/test", "", 404, `/problems/not-found`, "", ""},
		{"POST", "~/providers/simulator/test", "", 200, `"ok":true`, "", ""},
		{"POST", "~/providers", `{"name":"trunk","kind":"sip","address":"127.0.0.1:5090"}`, 201, ``, "", ""},
	})
	test = voice.TrunkTest{
		OK: true, Code: 200, Reason: "OK", Took: 12 * time.Millisecond, Registration: "off",
	}
	h.run(t, []row{ok})
	test = voice.TrunkTest{Reason: "voice/sip: no answer"}
	h.run(t, []row{lost})
	failure = voice.ErrNoProvider
	h.run(t, []row{{"POST", "~/providers/trunk/test", "", 404, `/problems/not-found`, "", ""}})
}

func TestNumbers(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"POST", "~/numbers", `{"number":"+14155550100","provider":"simulator","label":" main ","tags":["sales-us","after-hours","sales-us"]}`, 201, `{"number":"+14155550100","provider":"simulator","label":"main","tags":["after-hours","sales-us"],"inbound_agent":null`, "", ""},
		{"POST", "~/numbers", `{"number":"+14155550100","provider":"simulator"}`, 409, `/problems/exists`, "", ""},
		{"POST", "~/numbers", `{"number":"+14155550101","provider":"nobody"}`, 422, `body.provider`, "", ""},
		{"POST", "~/numbers", `{"number":"+14155550101","provider":"simulator","inbound_agent":"nobody"}`, 422, `body.inbound_agent`, "", ""},
		{"POST", "~/numbers", `{"number":"x","provider":"simulator"}`, 422, `body.number`, "", ""},
		{"POST", "~/numbers", `{"number":"+14155550101","provider":"simulator"}`, 403, ``, "", "sandbox member"},
		{"POST", "~/numbers", `{"number":"+14155550102","provider":"simulator"}`, 201, ``, "", ""},
		{"POST", "~/numbers", `{"number":"+14155550103","provider":"simulator","pace":{"calls":-1,"per_day":100001}}`, 422, `body.pace.per_day`, "", ""},
		{"PATCH", "~/numbers/14155550102", `{"pace":{"calls":2,"per_minute":6}}`, 200, `"pace":{"calls":2,"per_second":0,"per_minute":6,"per_day":0}`, "", ""},
		{"PATCH", "~/numbers/14155550102", `{"label":"x"}`, 200, `"per_minute":6`, "", ""},
		{"PATCH", "~/numbers/14155550102", `{"pace":{"per_day":1}}`, 200, `"pace":{"calls":0,"per_second":0,"per_minute":0,"per_day":1}`, "", ""},
		{"GET", "~/numbers", "", 200, `"total":2`, "", "sandbox viewer"},
		{"GET", "~/numbers/14155550100", "", 200, `"label":"main"`, "", "sandbox viewer"},
		{"PATCH", "~/numbers/%2B14155550100", `{"label":"","tags":[]}`, 200, `"label":"","tags":[]`, "", ""},
		{"PATCH", "~/numbers/14155550100", `{"provider":"nobody"}`, 422, `body.provider`, "", ""},
		{"PATCH", "~/numbers/14155550199", `{}`, 404, `/problems/not-found`, "", ""},
		{"DELETE", "~/numbers/14155550100", "", 204, "", "", ""},
		{"DELETE", "~/numbers/14155550100", "", 404, `/problems/not-found`, "", ""},
	})
	if got := h.pages(t, "/numbers", 1); len(got) != 1 {
		t.Errorf("numbers %v, want 1", got)
	}
}

// wav is a file of n samples.
func wav(n int) string {
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, v := range []uint32{16, 1 | 1<<16, 8000, 16000, 2 | 16<<16} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(2*n))
	return string(append(b, make([]byte, 2*n)...))
}

func TestRecordingsAndAgents(t *testing.T) {
	h := newHouse(t, func(h *house) {
		h.ReadWAV = func(r io.Reader) ([]byte, error) {
			text, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(string(text), "RIFF") {
				return nil, errors.New("media: not a WAV file")
			}
			return make([]byte, (len(text)-44)/2), nil
		}
	})
	upload := func(query, form, body string) reply {
		return h.do(t, ask{
			method: "POST", path: sandbox + "/recordings" + query, body: body,
			header: http.Header{"Content-Type": {form}},
		})
	}
	made := upload("?name=Hello", "audio/wav", wav(4000))
	if made.status != 201 || made.text(t, "duration") != "500ms" ||
		made.text(t, "name") != "Hello" {
		t.Fatalf("recording = %d %s", made.status, made.body)
	}
	id := made.text(t, "id")
	if want := sandbox + "/recordings/" + id; made.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", made.header.Get("Location"), want)
	}
	for _, tt := range []struct {
		query, form, body string
		status            int
		contains          string
	}{
		{"", "audio/wav", wav(1), 422, "query.name"},
		{"?name=x", "audio/wav", "ID3 not this", 422, "not a WAV file"},
		{"?name=x", "audio/mpeg", "ID3", 415, "/problems/media-type"},
		{"?name=x", "audio/wav", wav(11 << 20), 413, "/problems/too-large"},
	} {
		got := upload(tt.query, tt.form, tt.body)
		if got.status != tt.status || !strings.Contains(got.body, tt.contains) {
			t.Errorf("recording %s as %s = %d %s, want %d %s",
				tt.query, tt.form, got.status, got.body, tt.status, tt.contains)
		}
	}
	heard := h.do(t, ask{method: "GET", path: sandbox + "/recordings/" + id, key: "sandbox viewer"})
	if heard.status != 200 || heard.header.Get("Content-Type") != "audio/wav" ||
		len(heard.body) != 44+8000 || !strings.HasPrefix(heard.body, "RIFF") {
		t.Errorf("heard %d %v, %d bytes", heard.status, heard.header, len(heard.body))
	}
	h.run(t, []row{
		{"GET", "~/recordings", "", 200, `"total":1 & "name":"Hello","duration":"500ms"`, "", "sandbox viewer"},
		{"GET", "~/recordings/nobody", "", 404, `/problems/not-found`, "", ""},
		{"POST", "~/agents", `{"name":"reminder","kind":"recording","recording":"` + id + `"}`, 201, `{"name":"reminder","kind":"recording","recording":"` + id + `","confirmation":null,"opt_out_key":"9","address":null,"url":null`, "", "sandbox member"},
		{"POST", "~/agents", `{"name":"reminder","kind":"recording","recording":"` + id + `"}`, 409, `/problems/exists`, "", ""},
		{"POST", "~/agents", `{"name":"voice","kind":"bridge","address":"sip:agent@example.com"}`, 201, `"address":"sip:agent@example.com" & "ring_for":"20s"`, "", ""},
		{"POST", "~/agents", `{"name":"bot","kind":"stream","url":"wss://agent.example.com/call"}`, 201, `"url":"wss://agent.example.com/call"`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"recording"}`, 422, `body.recording`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"recording","recording":"nobody"}`, 422, `body.recording`, "", ""},
		{"PATCH", "~/agents/voice", `{"ring_for":"45s"}`, 200, `"ring_for":"45s"`, "", ""},
		{"PATCH", "~/agents/voice", `{"ring_for":"1s"}`, 422, `body.ring_for & want 5s to 2m`, "", ""},
		{"PATCH", "~/agents/voice", `{"ring_for":"long"}`, 422, `body.ring_for`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"bridge","address":"agent"}`, 422, `body.address`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"bridge","address":"sip:a@b>\r\nVia: c"}`, 422, `body.address`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"stream","url":"https://example.com"}`, 422, `body.url`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"pigeon"}`, 422, `body.kind`, "", ""},
		{"POST", "~/agents", `{"name":"x","kind":"bridge","address":"sip:a@b","opt_out_key":"10"}`, 422, `body.opt_out_key`, "", ""},
		{"PATCH", "~/agents/voice", `{"address":"sips:other@example.com:5061","opt_out_key":null}`, 200, `"opt_out_key":null,"address":"sips:other@example.com:5061"`, "", ""},
		{"PATCH", "~/agents/nobody", `{}`, 404, `/problems/not-found`, "", ""},
		{"GET", "~/agents", "", 200, `"total":3`, "", "sandbox viewer"},
		{"GET", "~/agents/bot", "", 200, `"kind":"stream"`, "", "sandbox viewer"},
		{"POST", "~/campaigns", `{"name":"x","provider":"simulator","caller_ids":["+14155550100"],"agent":"voice","flow":[{"agent":"bot"}]}`, 201, `"agent":"voice" & "agent":"bot"`, "", ""},
		{"DELETE", "~/agents/voice", "", 409, `/problems/conflict`, "", ""},
		{"DELETE", "~/recordings/" + id, "", 409, `/problems/conflict`, "", ""},
		{"DELETE", "~/agents/reminder", "", 204, "", "", "sandbox member"},
		{"DELETE", "~/recordings/" + id, "", 204, "", "", "sandbox member"},
	})
}
