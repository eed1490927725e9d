package analyzer

import "pcaplain/analyzer/internal/capture"

// Layer is one header of a frame.
type Layer struct {
	Name   string       `json:"name"`
	Offset int          `json:"offset"`
	Length int          `json:"length"`
	Fields []LayerField `json:"fields"`
}

// LayerField is one field of a header and where its bytes stand in the frame.
type LayerField struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Offset  int    `json:"offset"`
	Length  int    `json:"length"`
	Meaning Text   `json:"meaning"`
}

func fieldsOf(f *capture.Frame) []Layer { return []Layer{} }
