package web

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

//go:embed templates
var templateFiles embed.FS

// pages are the templates, by the name of what they show.
type pages map[string]*template.Template

// readPages parses every template once. Each page is parsed with the shell
// around it and the parts that pages share.
func readPages(staticPath, platform string) pages {
	shared := template.Must(template.New("").Funcs(funcs(staticPath, platform)).
		ParseFS(templateFiles, "templates/shell.html", "templates/parts.html",
			"templates/campaign-parts.html", "templates/heard-parts.html",
			"templates/registry-parts.html", "templates/import-parts.html"))
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	all := make(pages)
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		page := template.Must(shared.Clone())
		all[name] = template.Must(page.ParseFS(templateFiles, "templates/"+f.Name()))
	}
	return all
}

func funcs(staticPath, platform string) template.FuncMap {
	return template.FuncMap{
		"icon": func(name string) template.HTML {
			return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` +
				staticPath + `icons.svg#` + name + `"/></svg>`)
		},
		"by": func(by dnc.CreatedBy) string {
			if by == dnc.System {
				return platform
			}
			return "User"
		},
		"segment":  url.PathEscape,
		"stamp":    stamp,
		"clock":    clock,
		"count":    count,
		"plural":   plural,
		"words":    words,
		"duration": duration,
		"replied":  replied,
		"digits":   func(n e164.Number) string { return strings.TrimPrefix(n.String(), "+") },
		"long":     func(s string) bool { return len(s) > 40 },
		"status":   callStatus,
		"verdict":  verdictWord,
		"why":      why,
		"because":  voice.Why,
		"heard":    heardOn,
		"first":    heardFirst,
		"tongues":  func() []language { return languages },
		"length":   length,
		"pace":     paceWords,
		"zone":     zoneTitle,
		"upper":    strings.ToUpper,
		"spoken":   spoken,
		"short":    func(d time.Weekday) string { return d.String()[:3] },
		"millis":   func(d time.Duration) string { return count(d.Milliseconds()) + " ms" },
		"add":      func(a, b int) int { return a + b },
		"dict":     dict,
		"failover": func(field string) bool { return within(field, "failover") },
		"initial": func(name string) string {
			for _, r := range name {
				return strings.ToUpper(string(r))
			}
			return ""
		},
	}
}

// dict returns what a part of a page is given, from names and values.
func dict(pairs ...any) (map[string]any, error) {
	all := make(map[string]any)
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("dict: want names and values, not %v", pair)
		}
		all[name] = pair[1]
	}
	return all, nil
}

// stamp returns a date and a time for a page: in UTC, which a script of the
// page turns into the browser's own zone.
func stamp(t time.Time) template.HTML { return timeTag(t, "", "Jan 2, 2006, 15:04") }

// clock is stamp for the time of the day alone, to the second.
func clock(t time.Time) template.HTML { return timeTag(t, " data-clock", "15:04:05") }

func timeTag(t time.Time, attribute, form string) template.HTML {
	if t.IsZero() {
		return `<span class="none">–</span>`
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime=%q title=%q%s>%s</time>`,
		t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05 UTC"), attribute, t.Format(form)))
}

// count writes a whole number with separators of thousands.
func count(n any) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && d != '-' && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// plural writes how many there are of something.
func plural(n any, one, many string) string {
	if fmt.Sprint(n) == "1" {
		return "1 " + one
	}
	return count(n) + " " + many
}

// words writes a value of the API as words: no_answer is "No answer".
func words(value any) string {
	text := strings.ReplaceAll(fmt.Sprint(value), "_", " ")
	if text == string(campaign.SkipDNC) {
		return "DNC"
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// duration returns how long somebody talked.
func duration(c voice.Call) string {
	if c.AnsweredAt.IsZero() || c.EndedAt.IsZero() {
		return ""
	}
	return length(c.EndedAt.Sub(c.AnsweredAt))
}

// length writes a time in minutes and seconds.
func length(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// callStatus returns the one word for how a call stands or ended.
func callStatus(c voice.Call) string {
	if c.Status == voice.Ended {
		return string(c.Disposition)
	}
	return string(c.Status)
}
