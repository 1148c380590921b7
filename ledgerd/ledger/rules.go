package ledger

// Rule is one version of a tariff or of limits, as tools show it.
type Rule[T any] struct {
	Version       uint32
	In            uint32 // version of all rules in which it came
	From          int64  // ms: when it was to hold
	Set           int64  // ms: when it was said; it never held before
	At            Place
	First, Second string // who stands behind it: two people, one, or nobody who is known
	Until         int64  // ms: when another took its place, or will; zero while none does
	State         T
}

// Holds tells whether the version is in force at an instant.
func (r *Rule[T]) Holds(now int64) bool { return r.begins() <= now && (r.Until == 0 || now < r.Until) }

// Never tells of a version whose place was taken before its time came.
func (r *Rule[T]) Never() bool { return r.Until != 0 && r.Until <= r.begins() }

func (r *Rule[T]) begins() int64 { return max(r.From, r.Set) }

// Tariffs are the versions of a kind's fees, the oldest first: those that held, as far
// as they are kept, the one that holds and those to come.
func (b *Book) Tariffs(kind Kind) []Rule[[]Band] {
	if !kind.Asked() {
		return nil
	}
	return b.tariffs[kind-1].rules()
}

// Limits are the versions of a kind's limits for a tier, as Tariffs.
func (b *Book) Limits(kind Kind, tier Tier) []Rule[SetLimits] {
	if !kind.Asked() || tier > MaxTier {
		return nil
	}
	return b.limits[kind-1][tier].rules()
}

// RepeatWindow is how long, in ms, an equal payment looks repeated.
func (b *Book) RepeatWindow() int64 { return b.window }

// rules lists all versions.
func (t *versioned[T]) rules() (list []Rule[T]) {
	add := func(versions []version, states []T) {
		for i, v := range versions {
			list = append(list, Rule[T]{Version: v.No, In: v.In, From: v.Since, Set: v.Set, At: v.At,
				First: v.Signers.First, Second: v.Signers.Second, State: states[i]})
		}
	}
	add(t.FormerVersions, t.FormerStates)
	add(t.Versions, t.States)
	for i := range list { // a later version takes the place of every earlier one once it holds
		for j := i + 1; j < len(list); j++ {
			if begins := list[j].begins(); list[i].Until == 0 || begins < list[i].Until {
				list[i].Until = begins
			}
		}
	}
	return list
}
