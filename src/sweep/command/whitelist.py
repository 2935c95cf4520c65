"""Every target that a config may name. Exact names only: under numpy.* a file could be executed."""

SAMPLERS = (
    "optuna.samplers.RandomSampler",
    "optuna.samplers.QMCSampler",
    "optuna.samplers.TPESampler",
    "optuna.samplers.GPSampler",
    "optuna.samplers.CmaEsSampler",
)
SWEEPERS = (
    "hydra_plugins.reeltune.sweepers.GridSweeper",
    "hydra_plugins.reeltune.sweepers.StudySweeper",
    "hydra_plugins.reeltune.sweepers.SensitivitySweeper",
    "hydra_plugins.reeltune.sweepers.ConfirmSweeper",
)
RAY = "hydra_plugins.reeltune.cluster_launchers.RayLauncher"
SLURM = "hydra_plugins.reeltune.cluster_launchers.SlurmLauncher"
LAUNCHERS = (
    "hydra_plugins.reeltune.launchers.FastLauncher",
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "hydra_plugins.reeltune.cores_launcher.CoresLauncher",
    RAY,
    SLURM,
)
CALLBACK = "sweep.command.callbacks.SingleRun"
LOG_CLASSES = ("logging.FileHandler", "logging.StreamHandler", "logging.NullHandler")

EXECUTION_WHITELIST = (CALLBACK, *LAUNCHERS, *SWEEPERS, *SAMPLERS, *LOG_CLASSES)
