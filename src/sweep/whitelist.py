"""Every target that a config may name. Exact names only: under numpy.* a file could be executed."""

EXECUTION_WHITELIST = (
    "sweep.callbacks.SingleRun",
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher",
    "hydra_plugins.reeltune.sweepers.GridSweeper",
    "hydra_plugins.reeltune.sweepers.StudySweeper",
    "optuna.samplers.RandomSampler",
    "optuna.samplers.TPESampler",
    "logging.FileHandler",
    "logging.StreamHandler",
    "logging.NullHandler",
)
