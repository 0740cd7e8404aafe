package api_test

import (
	"slices"
	"testing"

	"nocall/internal/dialer"
	"nocall/internal/e164"
	"nocall/internal/voice"
	"nocall/internal/voice/simulator"
)

// TestTestCall calls phones of the simulator, and says what came of it.
func TestTestCall(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550101", "")
	const call = "~/providers/simulator/test-call"
	h.run(t, []row{
		{"POST", call, `{"number":"+14155550100"}`, 200, `"disposition":"answered","skip_reason":null,"code":null & "rang_after":" & "took":"`, "", "sandbox member"},
		{"POST", call, `{"number":"+14155550170"}`, 200, `"disposition":"busy"`, "", ""},
		{"POST", call, `{"number":"+14155550101"}`, 409, `/problems/listed & "call_id":"`, "", ""},
		{"POST", call, `{"number":"911"}`, 422, `body.number`, "", ""},
		{"POST", call, `{"number":"+14155550100","agent":"nobody"}`, 422, `body.agent`, "", ""},
		{"POST", call, `{"number":"+14155550100"}`, 403, `/problems/forbidden`, "", "sandbox viewer"},
		{"POST", "~/providers/nowhere/test-call", `{"number":"+14155550100"}`, 404, `/problems/not-found`, "", ""},
		{"POST", "~/providers/external/test-call", `{"number":"+14155550100"}`, 409, `/problems/conflict`, "", ""},
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.Contains(h.rung, e164.FromUint64(1_415_555_0101)) {
		t.Error("a listed number was called")
	}
}

// TestCallerID refuses a number that is not ours on the trunk.
func TestCallerID(t *testing.T) {
	h := newHouse(t, func(h *house) {
		h.Dialer.Providers.(dialer.Named)["trunk"] = &simulator.Provider{Speed: 1000}
	})
	h.run(t, []row{
		{"POST", "~/providers", `{"name":"trunk","kind":"sip","address":"127.0.0.1:5090"}`, 201, ``, "", ""},
	})
	err := h.store.AddNumber(t.Context(), voice.OwnNumber{
		Environment: "sandbox", Number: e164.FromUint64(1_415_555_0100), Provider: "trunk",
	})
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, []row{
		{"POST", "~/calls", `{"number":"+14155550123","provider":"simulator","caller_id":"+12025550100"}`, 201, ``, "", ""},
		{"POST", "~/calls", `{"number":"+14155550123","provider":"trunk","caller_id":"+12025550100"}`, 422, `body.caller_id & none of our numbers`, "", ""},
		{"POST", "~/providers/trunk/test-call", `{"number":"+14155550123","caller_id":"+12025550100"}`, 422, `body.caller_id`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550123","provider":"trunk","caller_id":"+14155550100"}`, 201, ``, "", ""},
		{"POST", "~/campaigns", `{"name":"x","provider":"trunk","caller_ids":["+12025550100"]}`, 201, ``, "", ""},
	})
}
