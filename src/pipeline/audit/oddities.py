"""What is suspicious of ratings, each in a sentence with its figures."""

from collections.abc import Callable, Iterator

from pipeline.audit import Audit
from pipeline.audit.counted import Counted
from pipeline.audit.levels import in_stars
from pipeline.audit.looked import SEVERAL, Looked, Oddity, called, many, when
from pipeline.audit.twins import same_raters, same_titles
from pipeline.intervals import ENOUGH_USERS
from pipeline.metrics import RELEVANT
from pipeline.sources.intake import Intake

MUCH, MOST = 0.1, 0.3  # share of all ratings, by one user or of one movie: odd, and worse
UNEVEN = 3  # times an even share, below which such a share is one of few users or movies
OLDEST = 788_918_400  # 1995-01-01 in seconds since 1970: before the first public ratings of movies on the web
UNIFORM = 0.25  # share of users who give all their movies the same rating
ONE_LEVEL = 0.9  # share of the ratings that are of one level
BELOW = 0.9  # highest rating as a share of the scale, at or below which the scale may be wrong
LOST = 0.1  # share of the ratings that were read and dropped


def oddities(counted: Counted, audit: Audit, intake: Intake | None, now: int) -> list[Oddity]:
    """Name what is suspicious, the gravest first.

    Args:
        counted: the data.
        audit: what was found of it.
        intake: what was read and dropped when it was made.
        now: seconds since 1970; later ratings are of the future.

    """
    looked = Looked(counted, audit, intake, now)
    found = [oddity for look in LOOKS for oddity in look(looked)]
    return sorted(found, key=lambda oddity: not oddity.is_grave)


def _few_users(looked: Looked) -> Iterator[Oddity]:
    tested = next((part.users for part in looked.audit.parts if part.name == "test"), 0)
    users = looked.data.n_users
    if users < ENOUGH_USERS:
        said = f"{users:,} users are too few for a verdict: below {ENOUGH_USERS} nothing is told from luck"
        yield Oddity("few_users", said, is_grave=True)
    elif looked.audit.parts and tested < ENOUGH_USERS:
        said = f"only {tested:,} of {users:,} users have test ratings, too few for a verdict ({ENOUGH_USERS})"
        yield Oddity("few_users", said, is_grave=True)


def _undivided(looked: Looked) -> Iterator[Oddity]:
    if looked.audit.undivided is not None:
        yield Oddity("undivided", f"nothing can be measured: {looked.audit.undivided}", is_grave=True)


def _one_user(looked: Looked) -> Iterator[Oddity]:
    counts = looked.counted.of_user
    share, user = float(counts.max() / looked.data.n_ratings), looked.data.user_ids[counts.argmax()]
    if share >= max(MUCH, UNEVEN / looked.data.n_users):
        said = f"user {str(user)!r} gave {share:.0%} of the ratings: what is learnt of movies is one opinion"
        yield Oddity("one_user", said, is_grave=share >= MOST)


def _one_movie(looked: Looked) -> Iterator[Oddity]:
    counts = looked.counted.of_movie
    share, movie = float(counts.max() / looked.data.n_ratings), int(counts.argmax())
    if share >= max(MUCH, UNEVEN / looked.data.n_movies):
        said = f"{called(looked.data, movie)} has {share:.0%} of the ratings: most others are hardly known"
        yield Oddity("one_movie", said, is_grave=share >= MOST)


def _one_moment(looked: Looked) -> Iterator[Oddity]:
    times = looked.data.timestamps
    by_id = (
        "a user's ratings then stand in the order of the movie ids, so that split=per_user tests on the "
        "movies with the highest ids, and split=timeline has nothing to divide"
    )
    if looked.data.n_ratings > 1 and times.min() == times.max():
        said = f"all ratings are of one moment, {when(int(times[0]))}: {by_id}"
        yield Oddity("one_moment", said, is_grave=True)


def _crowded(looked: Looked) -> Iterator[Oddity]:
    """Most of a user's ratings within one second is an import, not a visit."""
    counts, crowded = looked.counted.of_user, looked.counted.crowded
    several = counts > 1
    users = int((several & (2 * crowded > counts)).sum())
    if 2 * users > several.sum() and looked.data.timestamps.min() < looked.data.timestamps.max():
        said = (
            f"{users:,} of {int(several.sum()):,} users gave most of their ratings within one second: they "
            "were imported at once, and their order is that of the movie ids"
        )
        yield Oddity("crowded", said, is_grave=True)


def _out_of_time(looked: Looked) -> Iterator[Oddity]:
    times = looked.data.timestamps
    early, late = int((times < OLDEST).sum()), int((times > looked.now).sum())
    unit = "are these seconds since 1970?"
    if early:
        said = f"{many(early, 'rating is', 'ratings are')} from before 1995"
        yield Oddity("early", f"{said}, the first of {when(int(times.min()))}: {unit}")
    if late:
        said = f"{many(late, 'rating is', 'ratings are')} of the future"
        yield Oddity("late", f"{said}, the last of {when(int(times.max()))}: {unit}")


def _uniform(looked: Looked) -> Iterator[Oddity]:
    several = looked.counted.of_user >= SEVERAL
    users = int((several & (looked.counted.changes == 0)).sum())
    if looked.counted.lowest < looked.counted.highest and users >= UNIFORM * max(several.sum(), 1):
        said = (
            f"{users:,} of {int(several.sum()):,} users with {SEVERAL} or more ratings gave the same to all: "
            "of them nothing says what they like more"
        )
        yield Oddity("uniform", said)


def _one_level(looked: Looked) -> Iterator[Oddity]:
    bars, ratings = looked.audit.levels.bars, looked.data.n_ratings
    most = max(bars, key=lambda bar: bar.ratings)
    if looked.counted.lowest == looked.counted.highest:
        said = f"all ratings are {most.low:g}: movies can be ranked, but no rating can be told from another"
        yield Oddity("one_level", said, is_grave=True)
    elif most.low == most.high and most.ratings >= ONE_LEVEL * ratings:
        said = f"{most.ratings / ratings:.0%} of the ratings are {most.low:g}"
        yield Oddity("one_level", f"{said}: always answering that is hard to beat")


def _scale(looked: Looked) -> Iterator[Oddity]:
    highest, stars = looked.counted.highest, looked.data.stars
    if highest < RELEVANT:
        yield Oddity(
            "nothing_relevant",
            f"no rating is {in_stars(0.8, stars):g} or more of {stars:g}: no movie counts as liked, so that "
            "rankings cannot be measured",
            is_grave=True,
        )
    if highest <= BELOW:
        said = f"no rating is above {in_stars(highest, stars):g} on a scale to {stars:g}"
        yield Oddity("scale", f"{said}: is that the scale, or does the source need data.scale?")


def _many_movies(looked: Looked) -> Iterator[Oddity]:
    data = looked.data
    if data.n_movies > data.n_ratings:
        said = f"there are more movies ({data.n_movies:,}) than ratings ({data.n_ratings:,})"
        yield Oddity("many_movies", f"{said}: of most of them nothing can be learnt", is_grave=True)


def _dropped(looked: Looked) -> Iterator[Oddity]:
    read = 0 if looked.intake is None else looked.intake.read.get("ratings", 0)
    dropped = sum(one.count for one in looked.intake.dropped if one.what == "ratings") if looked.intake else 0
    if read and dropped >= LOST * read:
        said = f"{dropped:,} of {read:,} ratings that were read ({dropped / read:.0%}) were dropped"
        yield Oddity("dropped", f"{said}; why is said where what was read is told")


LOOKS: tuple[Callable[[Looked], Iterator[Oddity]], ...] = (
    _undivided,
    _few_users,
    _many_movies,
    _one_user,
    _one_movie,
    _one_moment,
    _crowded,
    _out_of_time,
    _one_level,
    _scale,
    _uniform,
    same_titles,
    same_raters,
    _dropped,
)
