//! What one agent's history gives for one input and one window: samples, and what is read from them.

/// Which reads a series must serve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs(u8);

impl Needs {
    pub(crate) const MOMENTS: Self = Self(1);
    pub(crate) const CHANGE: Self = Self(2);
    pub(crate) const QUANTILE: Self = Self(4);
    pub(crate) const ENDS: Self = Self(8);
}

#[derive(Debug)]
pub(crate) enum Series {
    Numbers(Numbers),
    Distinct(Distinct),
    Ewma(Ewma),
    Run(Run),
    Marks(Marks),
}

impl Series {
    pub(crate) fn advance(&mut self, newest: i64) {
        match self {
            Self::Numbers(n) => n.samples.retain(|(t, _)| *t > newest.saturating_sub(n.window)),
            Self::Distinct(d) => d.0.retain(|(t, _)| *t > newest.saturating_sub(d.1)),
            _ => {}
        }
    }
    pub(crate) fn add(&mut self, at: i64, newest: i64, value: f64) {
        match self {
            Self::Numbers(n) if at > newest.saturating_sub(n.window) => {
                let place = n.samples.partition_point(|(t, _)| *t <= at);
                n.samples.insert(place, (at, value));
            }
            Self::Ewma(e) => {
                e.0 = Some(match e.0 {
                    None => (at, value),
                    Some((t, v)) if at >= t => (at, v + (1.0 - (-((at - t) as f64) / e.1 as f64).exp()) * (value - v)),
                    Some(old) => old,
                })
            }
            _ => {}
        }
    }
    pub(crate) fn skip(&mut self) {}
}

#[derive(Debug)]
pub(crate) struct Numbers {
    window: i64,
    samples: Vec<(i64, f64)>,
}
impl Numbers {
    pub(crate) fn new(window: i64, _: Needs) -> Self {
        Self { window, samples: Vec::new() }
    }
    fn v(&self) -> impl Iterator<Item = f64> + '_ {
        self.samples.iter().map(|s| s.1)
    }
    pub(crate) fn sum(&self) -> f64 {
        self.v().sum()
    }
    pub(crate) fn mean(&self) -> Option<f64> {
        (!self.samples.is_empty()).then(|| self.sum() / self.samples.len() as f64)
    }
    pub(crate) fn min(&self) -> Option<f64> {
        self.v().reduce(f64::min)
    }
    pub(crate) fn max(&self) -> Option<f64> {
        self.v().reduce(f64::max)
    }
    pub(crate) fn stddev(&self) -> Option<f64> {
        let m = self.mean()?;
        Some((self.v().map(|x| (x - m) * (x - m)).sum::<f64>() / self.samples.len() as f64).sqrt())
    }
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let mut all: Vec<f64> = self.v().collect();
        all.sort_by(f64::total_cmp);
        let rank = q * (all.len().checked_sub(1)?) as f64;
        let low = rank.floor();
        let (a, b) = (all[low as usize], all[rank.ceil() as usize]);
        Some(a + (b - a) * (rank - low))
    }
    pub(crate) fn last(&self) -> Option<f64> {
        self.samples.last().map(|s| s.1)
    }
    pub(crate) fn prev(&self) -> Option<f64> {
        self.samples.len().checked_sub(2).map(|i| self.samples[i].1)
    }
    pub(crate) fn delta(&self) -> Option<f64> {
        (self.samples.len() > 1).then(|| self.samples[self.samples.len() - 1].1 - self.samples[0].1)
    }
    pub(crate) fn pct_change(&self) -> Option<f64> {
        let d = self.delta()?;
        let f = self.samples[0].1;
        (f != 0.0).then(|| d / f)
    }
    pub(crate) fn increase(&self) -> Option<f64> {
        (self.samples.len() > 1)
            .then(|| self.samples.windows(2).map(|p| if p[1].1 >= p[0].1 { p[1].1 - p[0].1 } else { p[1].1 }).sum())
    }
    pub(crate) fn covers(&self, at: i64, newest: i64) -> bool {
        at > newest.saturating_sub(self.window)
    }
    pub(crate) fn zscore(&self, current: f64, included: bool) -> Option<f64> {
        let mut base: Vec<f64> = self.v().collect();
        if included {
            let i = base.iter().rposition(|x| *x == current)?;
            base.remove(i);
        }
        if base.len() < 8 {
            return None;
        }
        let m = base.iter().sum::<f64>() / base.len() as f64;
        let s = (base.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / base.len() as f64).sqrt();
        (s > 0.0).then(|| (current - m) / s)
    }
}

#[derive(Debug)]
pub(crate) struct Distinct(Vec<(i64, u64)>, i64);
impl Distinct {
    pub(crate) fn new(window: i64) -> Self {
        Self(Vec::new(), window)
    }
    pub(crate) fn add(&mut self, at: i64, newest: i64, hash: u64) {
        if at > newest.saturating_sub(self.1) {
            self.0.push((at, hash));
        }
    }
    pub(crate) fn skip(&mut self) {}
    pub(crate) fn count(&self) -> Option<u64> {
        let s: std::collections::HashSet<u64> = self.0.iter().map(|s| s.1).collect();
        (!s.is_empty()).then_some(s.len() as u64)
    }
}
#[derive(Debug)]
pub(crate) struct Ewma(Option<(i64, f64)>, i64);
impl Ewma {
    pub(crate) fn new(tau: i64) -> Self {
        Self(None, tau)
    }
    pub(crate) fn value(&self) -> Option<f64> {
        self.0.map(|v| v.1)
    }
}
#[derive(Debug)]
pub(crate) struct Run(Vec<(i64, bool)>, usize);
impl Run {
    pub(crate) fn new(n: u16) -> Self {
        Self(Vec::new(), usize::from(n))
    }
    pub(crate) fn add(&mut self, at: i64, held: bool) {
        let p = self.0.partition_point(|s| s.0 <= at);
        self.0.insert(p, (at, held));
        if self.0.len() > self.1 {
            self.0.remove(0);
        }
    }
    pub(crate) fn holds(&self) -> bool {
        self.0.len() == self.1 && self.0.iter().all(|s| s.1)
    }
}
#[derive(Debug)]
pub(crate) struct Marks(Vec<i64>);
impl Marks {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }
    pub(crate) fn add(&mut self, at: i64) {
        self.0.push(at);
    }
    pub(crate) fn any_within(&self, after: i64, to: i64) -> bool {
        self.0.iter().any(|t| *t > after && *t <= to)
    }
}
