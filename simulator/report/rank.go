package report

import (
	"cmp"
	"math"
	"slices"
)

// ranked is how two samples stand to each other.
type ranked struct {
	n, m  int
	p     float64 // one-sided: that equal samples would have the second so much above the first
	ratio float64 // by which the second is above the first, as a factor
}

// rank compares two samples of positive figures. The p is Mann–Whitney's: exact for small
// samples without ties, else by the normal approximation, with ties and continuity
// corrected. The ratio is Hodges and Lehmann's
// shift of the logarithms: the middle of all ratios of one to one. Neither asks how the
// figures are spread, nor minds a few that are far out.
func rank(a, b []float64) ranked {
	r := ranked{n: len(a), m: len(b), p: 1, ratio: 1}
	if r.n == 0 || r.m == 0 {
		return r
	}
	type one struct {
		v float64
		b bool
	}
	all := make([]one, 0, r.n+r.m)
	for _, v := range a {
		all = append(all, one{v, false})
	}
	for _, v := range b {
		all = append(all, one{v, true})
	}
	slices.SortFunc(all, func(x, y one) int { return cmp.Compare(x.v, y.v) })
	sum, ties := 0.0, 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].v == all[i].v {
			j++
		}
		t := float64(j - i)
		ties += t*t*t - t
		for k := i; k < j; k++ {
			if all[k].b {
				sum += float64(i+j+1) / 2
			}
		}
		i = j
	}
	n, m := float64(r.n), float64(r.m)
	u := sum - m*(m+1)/2
	variance := n * m / 12 * (n + m + 1 - ties/((n+m)*(n+m-1)))
	switch {
	case ties == 0 && r.n+r.m <= mostExact:
		r.p = above(r.n, r.m, int(u))
	case variance > 0:
		r.p = math.Erfc((u-n*m/2-0.5)/math.Sqrt(2*variance)) / 2
	}
	r.ratio = shift(a, b)
	return r
}

// mostExact is the size of both samples up to which the p is counted out: there the normal
// approximation is too careful, so that short runs would never differ.
const mostExact = 40

// above is the share of the orders of n and m different figures in which at least u of the
// pairs have the second one above: the coefficients of Gauss's binomial, added up.
func above(n, m, u int) float64 {
	ways := make([]float64, n*m+1) // by how many pairs
	ways[0] = 1
	for i := 1; i <= n; i++ {
		for k := n * m; k >= m+i; k-- {
			ways[k] -= ways[k-m-i]
		}
		for k := i; k <= n*m; k++ {
			ways[k] += ways[k-i]
		}
	}
	all, so := 0.0, 0.0
	for k, w := range ways {
		if all += w; k >= u {
			so += w
		}
	}
	return so / all
}

// grain keeps a ratio to nothing finite; it is far below what a figure means.
const grain = 1e-3

// shift is the middle of all ratios between figures of b and of a.
func shift(a, b []float64) float64 {
	ratios := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			ratios = append(ratios, (y+grain)/(x+grain))
		}
	}
	return middleOf(ratios)
}

// middleOf is the median; it sorts its list.
func middleOf(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	if n%2 == 1 {
		return list[n/2]
	}
	return (list[n/2-1] + list[n/2]) / 2
}

// blocks are the medians of at most so many stretches of a series, unknown figures left
// out: one second is like the next, so seconds are no samples of their own. A series
// without figures has none.
func blocks(list []Figure, most int) (out []float64) {
	if len(list) == 0 {
		return nil
	}
	each := (len(list) + most - 1) / most
	for i := 0; i < len(list); i += each {
		var known []float64
		for _, f := range list[i:min(i+each, len(list))] {
			if f.Known() && f >= 0 {
				known = append(known, float64(f))
			}
		}
		if len(known) > 0 {
			out = append(out, middleOf(known))
		}
	}
	return out
}

// clump is how many of what goes wrong go wrong together: a link that breaks takes the
// dials of its moment along, so that they count as fewer.
const clump = 4

// moreOften is the p, one-sided, that of equal shares the second would be so much
// above the first: two counts out of two totals, by their pooled share.
func moreOften(a, of, b, out int) float64 {
	if of == 0 || out == 0 || a+b == 0 {
		return 1
	}
	x, y := float64(a)/float64(of), float64(b)/float64(out)
	pooled := float64(a+b) / float64(of+out)
	spread := math.Sqrt(clump * pooled * (1 - pooled) * (1/float64(of) + 1/float64(out)))
	if spread == 0 {
		return 1
	}
	return math.Erfc((y-x)/spread/math.Sqrt2) / 2
}
