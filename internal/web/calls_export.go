package web

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"nocall/internal/e164"
	"nocall/internal/sheet"
	"nocall/internal/voice"
)

// exportStep is how many calls are read at once for an export, and exportTime
// is how long the browser may take for as many.
const (
	exportStep = 500
	exportTime = time.Minute
)

var callColumns = []string{
	"Call", "Time", "Direction", "Phone Number", "Caller ID", "Provider", "Campaign", "Disposition",
	"Skip Reason", "SIP Answer", "Opt-out", "Opt-out Channel", "Opt-out Words", "Rang", "Answered",
	"Ended", "Talk Seconds", "Revision", "Asked For By",
}

// exportCalls sends the calls that match the filters, newest first, as CSV.
func (s *Server) exportCalls(v *visit) (answer, error) {
	query, possible := readCallFilter(v).query()
	query.Limit = exportStep
	safe := v.FormValue("safe") == "true"
	write := func(w io.Writer) error {
		out := csv.NewWriter(w)
		err := out.Write(callColumns)
		if err == nil && possible {
			err = s.eachCall(v, query, func(c voice.Call) error {
				return out.Write(callCells(c, safe))
			})
		}
		out.Flush()
		if err != nil {
			return err
		}
		return out.Error()
	}
	return answer{file: &download{
		kind: "text/csv; charset=utf-8; header=present", save: true, write: write,
		name: "call-history-" + string(v.env()) + "-" + now().Format(time.DateOnly) + ".csv",
	}}, nil
}

// eachCall calls do for every call that q asks for.
func (s *Server) eachCall(v *visit, q voice.CallQuery, do func(voice.Call) error) error {
	for {
		page, err := s.Store.Calls(v.Context(), v.env(), q)
		if err != nil {
			return err
		}
		if v.out != nil {
			//nolint:errcheck // a writer without deadlines writes all the same
			v.out.SetWriteDeadline(time.Now().Add(exportTime))
		}
		for _, c := range page.Calls {
			if err := do(c); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// callCells returns the cells of a call's line.
func callCells(c voice.Call, safe bool) []string {
	optOut := make([]string, 3)
	if f, ok := c.OptedOut(); ok {
		optOut = []string{"yes", string(f.Channel), f.Quote}
	}
	talk := ""
	if !c.AnsweredAt.IsZero() && !c.EndedAt.IsZero() {
		talk = strconv.Itoa(int(c.EndedAt.Sub(c.AnsweredAt).Seconds()))
	}
	cells := []string{
		c.ID, timeCell(c.StartedAt), string(c.Direction), numberCell(c.Number),
		numberCell(c.CallerID), c.Provider, c.CampaignID, callStatus(c), string(c.SkipReason),
		replied(c), optOut[0], optOut[1], optOut[2], timeCell(c.RangAt), timeCell(c.AnsweredAt),
		timeCell(c.EndedAt), talk, strconv.FormatInt(c.Revision, 10), c.By,
	}
	if safe {
		for i := range cells {
			cells[i] = sheet.Harmless(cells[i])
		}
	}
	return cells
}

func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func numberCell(n e164.Number) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}
