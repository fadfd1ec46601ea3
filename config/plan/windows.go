package plan

// Windows are when AWS may back up and maintain, in UTC. They do not overlap, as RDS
// and ElastiCache demand, and fall on the weekend's quietest hours of most regions.
type Windows struct {
	Backup      string `json:"backup"`      // hh:mm-hh:mm, each day
	Maintenance string `json:"maintenance"` // ddd:hh:mm-ddd:hh:mm
}

func windows() Windows {
	return Windows{Backup: "01:00-02:00", Maintenance: "sun:03:00-sun:04:00"}
}
