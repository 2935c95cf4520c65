"""A mistake of the user ends in one line a problem that names the key as typed, and leaves nothing behind."""

import pickle
from pathlib import Path

import command
import pytest
from command import refusal_problems, run_here, run_outside, snapshot, standard

from pipeline.parameters import InvalidInput
from project import CONF
from sweep.command import checks

WEIGHT = "model.genre_weight"
ALL_ZERO = [f"model.{name}_weight=0" for name in ("genre", "cast", "franchise", "rating", "popularity")]
RANDOM = ["-m", "search=random"]
PHASE3, CALIBRATION, TEXTS = "model=phase3", "model.calibration", "none, linear, isotonic, tolerance"

# Those that are shipped, and what was deployed from this checkout.
THERE = ", ".join(sorted(path.stem for path in (CONF / "model").glob("*.yaml")))

# What is typed, and the beginnings of the lines that answer it.
BAD_INPUT: list[tuple[list[str], list[str]]] = [
    (["model.gnre_weight=0.3"], [f"model.gnre_weight does not exist; did you mean {WEIGHT}?"]),
    (["modl.genre_weight=0.3"], [f"modl.genre_weight does not exist; did you mean {WEIGHT}?"]),
    (["sede=1"], ["sede does not exist; did you mean seed?"]),
    (["+sede=1"], ["sede does not exist; did you mean seed?"]),
    (["+model.foo=1"], ["model.foo does not exist"]),
    (["++model.genre_weigt=1"], [f"model.genre_weigt does not exist; did you mean {WEIGHT}?"]),
    (["~model.genre_weight"], [f"{WEIGHT} is missing"]),
    (["~model.genre_weigh"], [f"model.genre_weigh does not exist; did you mean {WEIGHT}?"]),
    (["model.genre_weight.foo=1"], [f"model.genre_weight.foo does not exist; did you mean {WEIGHT}?"]),
    (
        ["-m", "search=grids"],
        ["search=grids does not exist; there are bayesian, cmaes, confirm, gp, grid, "],
    ),
    (
        ["model=phase9"],
        [f"model=phase9 does not exist; there are {THERE}; did you mean model="],
    ),
    (["split=per_usr"], ["split=per_usr does not exist; there are per_user, timeline; did you"]),
    (
        ["objective=acuracy"],
        ["objective=acuracy does not exist; there are accuracy, balanced, quality; did you"],
    ),
    (
        ["launch=core"],
        ["launch=core does not exist; there are basic, cores, ray, serial, slurm; did you mean"],
    ),
    (["db=sqlit"], ["db=sqlit does not exist; there are postgresql, sqlite; did you mean db=sqlite?"]),
    (
        ["data=movilens"],
        ["data=movilens does not exist; there are csv, movielens, movielens_100k, movies_dataset, s"],
    ),
    (
        ["space=phase9"],
        [f"space=phase9 does not exist; there are {THERE}; did you mean space="],
    ),
    (["model=null"], ["model must be the name of a preset, got model=null"]),
    (["model=[phase1]"], ["model must be the name of a preset, got model=[phase1]"]),
    (["model="], [f"model= does not exist; there are {THERE}"]),
    (["~model"], ["model cannot be left out"]),
    (["+search=grid"], ["search is chosen once: write search=grid"]),
    (["-m", "search=grid,random"], ["search cannot be swept"]),
    (["search=grid,random"], ["search=grid,random lists several values and needs -m"]),
    ([f"{WEIGHT}=abc"], [f"{WEIGHT} must be a number in [0, 1], got 'abc'"]),
    ([f"{WEIGHT}="], [f"{WEIGHT} must be a number in [0, 1], got ''"]),
    ([f"{WEIGHT}=null"], [f"{WEIGHT} must be a number in [0, 1], got None"]),
    ([f"{WEIGHT}=1.5"], [f"{WEIGHT} must be in [0, 1], got 1.5"]),
    ([f"{WEIGHT}=-0.1"], [f"{WEIGHT} must be in [0, 1], got -0.1"]),
    ([f"{WEIGHT}=nan"], [f"{WEIGHT} must be a number in [0, 1], got nan"]),
    ([f"{WEIGHT}=inf"], [f"{WEIGHT} must be a number in [0, 1], got inf"]),
    ([f"{WEIGHT}=1e999"], [f"{WEIGHT} must be a number in [0, 1], got inf"]),
    ([f"{WEIGHT}=true"], [f"{WEIGHT} must be a number in [0, 1], got True"]),
    ([f"{WEIGHT}=[0.3]"], [f"{WEIGHT} must be a number in [0, 1], got [0.3]"]),
    ([f"{WEIGHT}={{a:1}}"], [f"{WEIGHT} must be a number in [0, 1], got {{'a': 1}}"]),
    ([f'{WEIGHT}="0.3"'], [f"{WEIGHT} must be a number in [0, 1], got '0.3'"]),
    ([f"{WEIGHT}=7", f"{WEIGHT}=8"], [f"{WEIGHT} must be in [0, 1], got 8"]),
    ([f"{WEIGHT}=${{nowhere}}"], [f"{WEIGHT} cannot be resolved"]),
    (
        ["model.cast_lead_threshold=2.5"],
        ["model.cast_lead_threshold must be an integer in [0, 1000], got 2.5"],
    ),
    (["model.name=phase9"], ["model.name must be one of phase1, phase2, phase3, got 'phase9'"]),
    (
        ["objective.metric=ndgc"],
        ["objective.metric must be one of accuracy, balanced_accuracy, ndcg, got 'ndgc'; d"],
    ),
    (
        [PHASE3, "model.calibration=tolerence"],
        [f"{CALIBRATION} must be one of {TEXTS}, got 'tolerence'; did you mean tolerance?"],
    ),
    (
        [PHASE3, "model.calibration=1"],
        [f"{CALIBRATION} must be one of none, linear, isotonic, tolerance, got 1"],
    ),
    (
        [PHASE3, "model.calibration=null"],
        [f"{CALIBRATION} must be one of none, linear, isotonic, tolerance, got None"],
    ),
    ([PHASE3, "model.calibration="], [f"{CALIBRATION} must be one of {TEXTS}, got ''"]),
    (["model.calibration=none"], [f"{CALIBRATION} does not exist"]),
    (
        [PHASE3, "model.calibration=none,linear"],
        [f"{CALIBRATION}=none,linear lists several values and needs"],
    ),
    (
        [*RANDOM, PHASE3, "model.calibration=choice(linear,foo)"],
        [f"{CALIBRATION} must be one of {TEXTS}, got 'foo'"],
    ),
    (
        ["-m", PHASE3, "model.calibration=linear,3"],
        [f"{CALIBRATION} must be one of none, linear, isotonic, tolerance, got 3"],
    ),
    (
        [*RANDOM, PHASE3, "model.calibration=interval(0,1)"],
        [f"{CALIBRATION} must list its values, choice({TEXTS}) for all, got interval(0.0, 1.0)"],
    ),
    ([f"{WEIGHT}=[0.3"], [f"{WEIGHT}=[0.3 is not a legal override"]),
    ([WEIGHT], [f"{WEIGHT} is not a legal override: missing EQUAL"]),
    (["=3"], ["=3 is not a legal override: it has no key"]),
    ([f"{WEIGHT}=0.3,0.4"], [f"{WEIGHT}=0.3,0.4 lists several values and needs -m"]),
    (["-m", f"{WEIGHT}=choice(0.3,7)"], [f"{WEIGHT} must be in [0, 1], got 7"]),
    (["-m", f"{WEIGHT}=0.3,seven"], [f"{WEIGHT} must be a number in [0, 1], got 'seven'"]),
    (["-m", f"{WEIGHT}=interval(0.1,0.9)"], [f"{WEIGHT} must list its values for search=manual"]),
    ([*RANDOM, f"{WEIGHT}=interval(0.9,0.1)"], [f"{WEIGHT} must be an interval from low to high"]),
    ([*RANDOM, f"{WEIGHT}=interval(0.1,1.9)"], [f"{WEIGHT} must be in [0, 1], got 1.9"]),
    ([*RANDOM, f"{WEIGHT}=range(0,1,0.1)"], [f"{WEIGHT} must be written with choice(…) or interval(…)"]),
    (["-m", f"{WEIGHT}=glob(*)"], [f"{WEIGHT} must be written with choice(…) or interval(…)"]),
    (["-m", "model=glob(*)"], ["model must be written with choice(…)"]),
    (
        ["-m", "model=phase1,phase9"],
        ["model must be one of phase1, phase2, phase3, got 'phase9'; did you mean phase"],
    ),
    ([*RANDOM, "+model.foo=interval(0.1,0.9)"], ["model.foo does not exist"]),
    (
        [*RANDOM, "model.genr_weight=interval(0,1)"],
        [f"model.genr_weight does not exist; did you mean {WEIGHT}?"],
    ),
    (
        [*RANDOM, "model.genre_boost_low=tag(simplex, interval(-0.3, 0.0))"],
        ["model.genre_boost_low cannot be tagged simplex"],
    ),
    (["-m", "seed=1,2"], ["seed cannot be swept"]),
    (["-m", "objective=accuracy,quality"], ["objective cannot be swept"]),
    (["-m", "run_id=a,b"], ["run_id cannot be swept"]),
    (["-m", "data.seed=1,2"], ["data.seed cannot be swept"]),
    (["-m", "db.url=sqlite:///a.db,sqlite:///b.db"], ["db.url cannot be swept"]),
    (["-m", "hydra.sweeper.max_batch_size=1,2"], ["hydra.sweeper.max_batch_size cannot be swept"]),
    (
        ["model.genre_threshold_low=0.9"],
        ["model.genre_threshold_low must be at most genre_threshold_medium (0.5)"],
    ),
    (ALL_ZERO, [f"{WEIGHT} must be above 0 where"]),
    (
        ["evaluation.ranking_users=0"],
        ["evaluation.ranking_users must be in [1, 1e+09], got 0"],
    ),
    (
        ["evaluation.ranking_user=5"],
        ["evaluation.ranking_user does not exist; did you mean evaluation.ranking_users?"],
    ),
    (
        ["evaluation.memory_limit=4GB"],
        ["evaluation.memory_limit must be a size such as 4GiB or 512MiB, got '4GB'"],
    ),
    (["evaluation.memory_limit=4"], ["evaluation.memory_limit must be text, got 4"]),
    (["-m", "evaluation.ranking_users=5,10"], ["evaluation.ranking_users cannot be swept"]),
    ([*RANDOM, "hydra.sweeper.n_trials=0"], ["hydra.sweeper.n_trials must be at least 1, got 0"]),
    ([*RANDOM, "hydra.sweeper.n_trials=-5"], ["hydra.sweeper.n_trials must be at least 1, got -5"]),
    (
        [*RANDOM, "hydra.sweeper.n_trials=abc"],
        ["hydra.sweeper.n_trials is refused: Value 'abc' of type 'str'"],
    ),
    ([*RANDOM, "hydra.sweeper.n_trials=true"], ["hydra.sweeper.n_trials is refused: Value 'True' of type"]),
    (
        [*RANDOM, "hydra.sweeper.n_trals=3"],
        ["hydra.sweeper.n_trals is fixed; did you mean hydra.sweeper.n_trials?"],
    ),
    (
        ["-m", "search=grid", "hydra.sweeper.n_trials=3"],
        ["hydra.sweeper.n_trials does not exist with the presets"],
    ),
    ([*RANDOM, "hydra.sweeper.n_jobs=0"], ["hydra.sweeper.n_jobs must be at least 1, got 0"]),
    (["-m", "hydra.sweeper.max_batch_size=0"], ["hydra.sweeper.max_batch_size must be at least 1, got 0"]),
    (["-m", "hydra.verbose=true"], ["hydra.verbose is fixed"]),
    (["-m", "search=grid", "search.radius=-0.1"], ["search.radius must be in [1e-06, 1], got -0.1"]),
    (["-m", "search=grid", "search.radius=0"], ["search.radius must be in [1e-06, 1], got 0"]),
    (["-m", "search=grid", "search.radius=2"], ["search.radius must be in [1e-06, 1], got 2"]),
    (["-m", "search=grid", "search.radius=abc"], ["search.radius must be a number, got 'abc'"]),
    (
        ["-m", "search=bayesian", "search.exploration_trials=-1"],
        ["hydra.sweeper.sampler.n_startup_trials must be at least 0", "search.exploration_trials must be in"],
    ),
    ([*RANDOM, "search.patience=0"], ["search.patience must be in [1, 1e+09], got 0"]),
    ([*RANDOM, "search.patience=1.5"], ["search.patience must be an integer in [1, 1e+09], got 1.5"]),
    ([*RANDOM, "search.patiense=5"], ["search.patiense does not exist; did you mean search.patience?"]),
    ([*RANDOM, "search.target=60"], ["search.target must be in [0, 1], got 60"]),
    ([*RANDOM, "search.time_budget=0"], ["search.time_budget must be in [0.001, 1e+09], got 0"]),
    ([*RANDOM, "search.preview=maybe"], ["search.preview must be true or false, got 'maybe'"]),
    ([*RANDOM, "search.warm_start=true"], ["search.warm_start does not exist with the presets chosen"]),
    (["-m", "search=bayesian", "search.warm_start=2"], ["search.warm_start must be true or false, got 2"]),
    (
        ["-m", "search=refine", "search.broad=0.9", "search.fine=0.5"],
        ["search.broad must be at most 1 - fine (0.5), got 0.9"],
    ),
    (
        ["-m", "search=pareto", "search.also=ndgc"],
        ["search.also must be one of accuracy, balanced_accuracy, ndcg, got 'ndgc'; did you mean ndcg?"],
    ),
    (
        ["-m", "search=pareto", "objective=quality"],
        ["search.also must be another metric than the objective's, got ndcg"],
    ),
    (["-m", "search=sensitivity", "search.steps=1"], ["search.steps must be in [2, 100], got 1"]),
    (["-m", "search=confirm", "search.best=0"], ["search.best must be in [1, 1000], got 0"]),
    (["-m", "search=confirm", f"{WEIGHT}=choice(0.1,0.2)"], [f"{WEIGHT} cannot be swept: search=confirm"]),
    (["-m", "search=confirm", "split.test_until=0.5"], ["split.train_until must be above 0 and below"]),
    (
        ["phase=explore"],
        ["phase must be one of exploration, exploitation, broad, focused, fine, got 'explor"],
    ),
    (["seed=-1"], ["seed must be in [0, 4294967295], got -1"]),
    (["seed=abc"], ["seed must be an integer in [0, 4294967295], got 'abc'"]),
    (["seed=4294967296"], ["seed must be in [0, 4294967295], got 4294967296"]),
    (["split.train_until=0.9"], ["split.train_until must be above 0 and below validation_until (0.8)"]),
    (["data.users=-3"], ["data.users must be in [1, 1e+07], got -3"]),
    (["data.ratings=100000"], ["data.ratings must be at most users x movies (750), got 100000"]),
    (["data.cache="], ["data.cache must be a folder, or null for the default, got ''"]),
    (["run_id=a/b"], ["run_id must be 1 to 64 letters"]),
    (["run_id=.."], ["run_id must be 1 to 64 letters"]),
    (["run_id="], ["run_id must be 1 to 64 letters"]),
    ([f"run_id={'a' * 200}"], ["run_id must be 1 to 64 letters"]),
    (["run_id=5"], ["run_id must be text, got 5"]),
    (["outputs="], ["outputs must be a folder, got ''"]),
    (["outputs=/dev/null/x"], ["outputs must be a folder, but /dev/null is none"]),
    (["db.url=nonsense"], ["db.url must look like sqlite:///movies.db or"]),
    (["db.url=mysql://h/d"], ["db.url must begin with sqlite:/// or postgresql"]),
    (["db.url=sqlite:////nowhere/movies.db"], ["db.url must name a file in a folder that exists"]),
    (["db.url=sqlite://"], ["db.url must name a file; got sqlite://"]),
    (["db.url=[1]"], ["db.url must be a database URL"]),
    (["db.url=${oc.env:REELTUNE_NOT_SET}"], ["db.url cannot be resolved"]),
    (["+db.password=x"], ["db.password does not exist"]),
    (["time_limit=-1"], ["time_limit must be in [0.001, 1e+09], got -1"]),
    (["launch.workers=0"], ["launch.workers must be in [1, 1024], got 0"]),
    (["search=grid"], ["search=grid runs many trials and needs -m: python src/tune_app.py -m search=grid"]),
    (["search=random"], ["search=random runs many trials and needs -m"]),
    (["--mulitrun"], ["unrecognized arguments: --mulitrun"]),
    (["--config-dir", "nowhere"], ["--config-dir must be a folder, got 'nowhere'"]),
    (["--config-name", "other"], ["--config-name is not supported"]),
    (["--config-path", "other"], ["--config-path is not supported"]),
    (["--experimental-rerun", "x"], ["--experimental-rerun is not supported: use rerun=FOLDER"]),
    (["-m", "--cfg", "job"], ["of --run, --multirun, --cfg and --info only one can be given"]),
    (["--resolve"], ["--resolve needs --cfg"]),
    (
        [
            "model.gnre_weight=1",
            "model.cats_weight=1",
            "seed=-1",
            "data.users=-3",
            "split=nope",
            f"{WEIGHT}=[0",
        ],
        [
            f"{WEIGHT}=[0 is not a legal override",
            "split=nope does not exist; there are per_user, timeline",
            f"model.gnre_weight does not exist; did you mean {WEIGHT}?",
            "model.cats_weight does not exist; did you mean model.cast_weight?",
            "seed must be in",
            "data.users must be in",
        ],
    ),
    (
        ["-m", "search=grid", "seed=-1", "model.cast_weight=0.1,7", "data.seed=1,2", "split.train_until=2"],
        [
            "seed must be in",
            "split.train_until must be in",
            "model.cast_weight must be in",
            "data.seed cannot be",
        ],
    ),
]


def test_there_are_many_bad_inputs() -> None:
    assert len({tuple(typed) for typed, _ in BAD_INPUT}) == len(BAD_INPUT) >= 100


@pytest.mark.parametrize(("typed", "expected"), BAD_INPUT, ids=[" ".join(typed) for typed, _ in BAD_INPUT])
def test_bad_input_is_refused_in_one_line_a_problem(
    tmp_path: Path, typed: list[str], expected: list[str]
) -> None:
    answer = run_here(*standard(tmp_path), *typed)
    assert not refusal_problems(answer), answer
    assert len(answer.lines) == len(expected), answer.stderr
    for line, beginning in zip(answer.lines, expected, strict=True):
        assert line.startswith(f"reeltune: {beginning}")
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("typed", [["model.gnre_weight=1", "seed=-1"], ["-m", "search=random", "seed=1,2"]])
def test_a_process_of_its_own_says_the_same(tmp_path: Path, typed: list[str]) -> None:
    arguments = [*standard(tmp_path), *typed]
    inside, outside = run_here(*arguments), run_outside(*arguments)
    assert not refusal_problems(outside)
    assert (outside.code, outside.stderr) == (inside.code, inside.stderr)
    assert snapshot(tmp_path) == {}


def test_a_database_url_that_is_not_in_the_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REELTUNE_DB_URL", raising=False)
    answer = run_here(*command.TINY, f"outputs={tmp_path}/outputs", "db=postgresql")
    assert not refusal_problems(answer), answer
    assert answer.stderr.startswith("reeltune: db.url cannot be resolved")
    assert "REELTUNE_DB_URL" in answer.stderr


@pytest.mark.parametrize("mode", [[], ["-m", "search=grid"]], ids=["single", "many"])
def test_a_file_that_is_no_database_stays_as_it_is(tmp_path: Path, mode: list[str]) -> None:
    (tmp_path / "movies.db").write_bytes(b"not a database, but a letter to a friend\n" * 50)
    before = snapshot(tmp_path)
    answer = run_here(*standard(tmp_path), *mode)
    after = {name: content for name, content in snapshot(tmp_path).items() if not name.startswith("cache")}
    assert not refusal_problems(answer), answer
    assert answer.lines[0].startswith("reeltune: db.url cannot be opened: file is not a database")
    assert after == before


def test_a_single_run_does_not_take_the_place_of_another(tmp_path: Path) -> None:
    arguments = [*standard(tmp_path), "run_id=twice"]
    assert run_here(*arguments).code == 0
    before = snapshot(tmp_path / "outputs")
    again = run_here(*arguments)
    assert not refusal_problems(again), again
    assert again.lines == [
        f"reeltune: run_id twice exists already, in {tmp_path}/outputs/twice; choose another run_id"
    ]
    assert snapshot(tmp_path / "outputs") == before


@pytest.mark.parametrize("mode", [[], ["-m"]], ids=["single", "many"])
def test_a_recorded_run_does_not_begin_anew_in_another_folder(tmp_path: Path, mode: list[str]) -> None:
    arguments = [*standard(tmp_path), "run_id=twice", *mode]
    assert run_here(*arguments).code == 0
    recorded = run_here(*arguments, f"outputs={tmp_path}/elsewhere")
    assert not refusal_problems(recorded), recorded
    assert recorded.lines == [
        "reeltune: run_id twice is recorded, but its folder is gone; choose another run_id"
    ]
    assert not (tmp_path / "elsewhere").exists()


def test_our_own_bug_keeps_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(checks, "read_settings_of", broken)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run_here(*standard(tmp_path))


def test_refusals_travel_between_processes() -> None:
    problems = InvalidInput(["one", "two"])
    assert pickle.loads(pickle.dumps(problems)).problems == ("one", "two")  # noqa: S301 - our own bytes
