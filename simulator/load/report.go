package load

import "mlango/simulator/report"

// What a run is told by; the room report says what each is.
type (
	Report      = report.Report
	Asked       = report.Asked
	Environment = report.Environment
	Generator   = report.Generator
	Sessions    = report.Sessions
	Payments    = report.Payments
	SMSReport   = report.SMSReport
	Screens     = report.Screens
	Oracle      = report.Oracle
	Gate        = report.Gate
	Harm        = report.Harm
	Figure      = report.Figure

	Retries      = report.Retries
	Capacity     = report.Capacity
	CapacityStep = report.CapacityStep
)
