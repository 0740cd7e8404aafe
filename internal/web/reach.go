package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// keypad are the keys of a telephone.
var keypad = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"}

// reachForm is the section Numbers and exit criteria, as it was filled in.
type reachForm struct {
	own    []voice.OwnNumber
	region string

	Provider    string
	CallerIDs   []string // as E.164, of our own
	Others      string   // caller IDs that are not among our own
	Tag         string
	AnyAnswer   bool
	MaxAttempts string
	Calls       string
	PerSecond   string
	PerCallerID string
	Detection   bool
	Key         string
	Record      bool
	Consent     string // the ID of a recording
}

// reachSection returns an action on the section, which needs to know our own
// numbers.
func (s *Server) reachSection(do func(string, func() section) action) action {
	return func(v *visit) (answer, error) {
		own, err := s.Store.Numbers(v.Context(), v.env())
		if err != nil {
			return answer{}, err
		}
		return do("numbers", func() section {
			return &reachForm{own: own, region: v.world.Settings.DefaultRegion}
		})(v)
	}
}

func (f *reachForm) fill(c campaign.Campaign) {
	f.Provider, f.Tag = c.Provider, c.CallerTag
	var others []string
	for _, n := range c.CallerIDs {
		if f.isOwn(n.String()) {
			f.CallerIDs = append(f.CallerIDs, n.String())
		} else {
			others = append(others, n.String())
		}
	}
	f.Others = strings.Join(others, ", ")
	f.AnyAnswer, f.MaxAttempts = c.Exit.AnyAnswer, unlessZero(c.Exit.MaxAttempts)
	f.Calls = unlessZero(c.Pace.Calls)
	f.PerSecond, f.PerCallerID = unlessZero(c.Pace.PerSecond), unlessZero(c.Pace.PerCallerID)
	f.Detection, f.Key = c.OptOutDetection, c.OptOutKey
	f.Record, f.Consent = c.Record, c.Consent
}

// unlessZero writes a number for a field in which nothing stands for no limit.
func unlessZero[T int | float64](n T) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n), 'f', -1, 64)
}

func (f *reachForm) read(v *visit) {
	f.Provider, f.Tag = v.PostFormValue("provider"), v.PostFormValue("caller_tag")
	f.CallerIDs = v.PostForm["caller_id"]
	f.Others = strings.TrimSpace(v.PostFormValue("others"))
	f.AnyAnswer = v.PostFormValue("any_answer") != ""
	f.MaxAttempts = strings.TrimSpace(v.PostFormValue("max_attempts"))
	f.Calls = strings.TrimSpace(v.PostFormValue("calls"))
	f.PerSecond = strings.TrimSpace(v.PostFormValue("per_second"))
	f.PerCallerID = strings.TrimSpace(v.PostFormValue("per_caller_id"))
	f.Detection = v.PostFormValue("opt_out_detection") != ""
	f.Key = v.PostFormValue("opt_out_key")
	f.Record, f.Consent = v.PostFormValue("record") != "", v.PostFormValue("consent")
}

func (f *reachForm) apply(c *campaign.Campaign, wrong problems) {
	c.Provider, c.CallerTag, c.CallerIDs = f.Provider, f.Tag, nil
	c.Exit.AnyAnswer, c.OptOutDetection, c.OptOutKey = f.AnyAnswer, f.Detection, f.Key
	c.Record, c.Consent = f.Record, f.Consent
	texts := slices.Concat(f.CallerIDs, strings.FieldsFunc(f.Others, isSeparator))
	for _, text := range texts {
		n, err := e164.ParseLoose(text, f.region)
		if err != nil {
			wrong.add("caller_ids", text+": "+sentence(err))
			continue
		}
		if !slices.Contains(c.CallerIDs, n) {
			c.CallerIDs = append(c.CallerIDs, n)
		}
	}
	c.Exit.MaxAttempts = int(wrong.number("exit.max_attempts", f.MaxAttempts, true))
	c.Pace.Calls = int(wrong.number("pace.calls", f.Calls, true))
	c.Pace.PerSecond = wrong.number("pace.per_second", f.PerSecond, false)
	c.Pace.PerCallerID = wrong.number("pace.per_caller_id", f.PerCallerID, false)
}

func isSeparator(r rune) bool { return r == ',' || r == ';' || r == '\n' }

var errNumber = errors.New("want a number, or nothing for no limit")

// number reads a number of a field in which nothing stands for no limit, and
// notes what is wrong with it.
func (p problems) number(field, text string, whole bool) float64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= 1e6) || whole && n != float64(int(n)) {
		p.add(field, errNumber.Error())
		return 0
	}
	return n
}

func (f *reachForm) isOwn(text string) bool {
	return slices.ContainsFunc(f.own, func(o voice.OwnNumber) bool {
		return o.Number.String() == text
	})
}

// ownBox is one of our own numbers, to be chosen as a caller ID.
type ownBox struct {
	voice.OwnNumber
	On bool
}

// Own returns our own numbers that the provider can show.
func (f *reachForm) Own() []ownBox {
	var all []ownBox
	for _, o := range f.own {
		on := slices.Contains(f.CallerIDs, o.Number.String())
		if on || o.Provider == f.Provider || f.Provider == dialer.Simulator {
			all = append(all, ownBox{o, on})
		}
	}
	return all
}

// Tags returns the tags of our own numbers.
func (f *reachForm) Tags() []string {
	tags := tagsOf(f.own)
	if f.Tag != "" && !slices.Contains(tags, f.Tag) {
		tags = append(tags, f.Tag)
	}
	return tags
}

// tagsOf returns the tags of numbers, each once.
func tagsOf(numbers []voice.OwnNumber) []string {
	var all []string
	for _, n := range numbers {
		all = append(all, n.Tags...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Keys returns the keys that may opt out.
func (f *reachForm) Keys() []string { return keypad }
