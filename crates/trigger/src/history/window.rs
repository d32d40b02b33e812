//! The numbers in `(newest - span, newest]`: one by one while they are few, in buckets while they are many; what they
//! come to is for the reads.

use super::{
    account::Account,
    buckets::{Bucket, Buckets},
    timeline::{EXACT, Timeline, inside},
};

/// What is kept up to date beside the samples, so that a read need not walk over them.
pub(super) trait Running {
    /// What stands for the samples once they are too many.
    type Bucket: Bucket;

    /// A sample has come to stand at this place.
    fn entered(&mut self, samples: &Timeline<f64>, place: usize);
    /// The first sample is about to go; others stay.
    fn leaving(&mut self, samples: &Timeline<f64>);
    /// Mends what came and went may have spoilt.
    fn settle(&mut self, samples: &Timeline<f64>);
    /// All samples have gone.
    fn clear(&mut self);
}

/// A window over numbers.
#[derive(Debug)]
pub(super) struct Window<R: Running> {
    span: i64,
    running: R,
    form: Form<R::Bucket>,
    account: Account,
}

#[derive(Debug)]
enum Form<B> {
    Exact(Timeline<f64>),
    Buckets(Box<Buckets<B>>),
}

/// What a read has to go by.
pub(super) enum View<'a, R: Running> {
    /// Every sample.
    Exact(&'a R, &'a Timeline<f64>),
    /// Buckets.
    Buckets(&'a Buckets<R::Bucket>),
}

impl<R: Running> Window<R> {
    pub(super) fn new(span: i64, running: R) -> Self {
        Self { span: span.max(1), running, form: Form::Exact(Timeline::new()), account: Account::default() }
    }

    pub(super) const fn span(&self) -> i64 {
        self.span
    }

    pub(super) const fn account(&self) -> Account {
        self.account
    }

    pub(super) fn skip(&mut self) {
        self.account.skip();
    }

    pub(super) fn view(&self) -> View<'_, R> {
        match &self.form {
            Form::Exact(samples) => View::Exact(&self.running, samples),
            Form::Buckets(buckets) => View::Buckets(buckets),
        }
    }

    /// Whether every sample is there.
    #[cfg(test)]
    pub(super) const fn is_exact(&self) -> bool {
        matches!(self.form, Form::Exact(_))
    }

    pub(super) fn count(&self) -> u64 {
        match &self.form {
            Form::Exact(samples) => samples.len() as u64,
            Form::Buckets(buckets) => buckets.total().count(),
        }
    }

    /// Takes a sample in, unless it is too late or not a number; says whether it did. Of a number the reads are right for the
    /// newest time afterwards.
    pub(super) fn add(&mut self, at: i64, newest: i64, value: f64) -> bool {
        if value.is_nan() {
            self.account.skip();
            return false;
        }
        let newest = newest.max(at);
        self.expire(newest);
        let taken = match &mut self.form {
            Form::Exact(_) if !inside(at, newest, self.span) => false,
            Form::Exact(samples) if samples.len() < EXACT => {
                let place = samples.insert(at, value);
                self.running.entered(samples, place);
                true
            }
            Form::Exact(samples) => {
                let mut buckets = Buckets::new(self.span, newest);
                samples.iter().for_each(|(at, value)| _ = buckets.add(at, value));
                let taken = buckets.add(at, value);
                self.running.clear();
                self.form = Form::Buckets(Box::new(buckets));
                taken
            }
            Form::Buckets(buckets) => buckets.add(at, value),
        };
        self.settle();
        self.account.took(taken)
    }

    /// Moves to a newer time and makes the reads right for it.
    pub(super) fn advance(&mut self, newest: i64) {
        self.expire(newest);
        self.settle();
    }

    fn settle(&mut self) {
        if let Form::Exact(samples) = &self.form {
            self.running.settle(samples);
        }
    }

    fn expire(&mut self, newest: i64) {
        match &mut self.form {
            Form::Exact(samples) => expire_samples(samples, &mut self.running, newest, self.span),
            Form::Buckets(buckets) => {
                buckets.advance(newest);
                if buckets.total().is_empty() {
                    self.form = Form::Exact(Timeline::new());
                }
            }
        }
    }

    /// The bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        match &self.form {
            Form::Exact(samples) => samples.bytes(),
            Form::Buckets(_) => size_of::<Buckets<R::Bucket>>(),
        }
    }
}

fn expire_samples(samples: &mut Timeline<f64>, running: &mut impl Running, newest: i64, span: i64) {
    while samples.first().is_some_and(|(at, _)| !inside(at, newest, span)) {
        // Where all go there is nothing to keep up to date.
        if samples.last().is_none_or(|(at, _)| !inside(at, newest, span)) {
            samples.clear();
            running.clear();
            return;
        }
        running.leaving(samples);
        samples.pop_first();
    }
}
