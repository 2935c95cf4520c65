"""An interpolation that is parsed once gives what OmegaConf gives, whatever changed in between."""

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationKeyError

from sweep.jobs.interpolations import resolved

CONFIG = {
    "home": "runs",
    "number": 3,
    "other": "${number}",
    "name": "${other}_a",
    "sweep": {
        "plain": "folder",
        "whole": 7,
        "key": "${number}",
        "beside": "${.plain}/${..home}",
        "through": "${name}",
        "resolver": "${oc.select:home}/${oc.select:none,${number}}",
        "broken": "${nowhere}",
    },
}


@pytest.mark.parametrize("key", ["plain", "whole", "key", "beside", "through", "resolver"])
def test_what_is_resolved_is_what_omegaconf_resolves(key: str) -> None:
    for number in (3, 4, 5):
        config = OmegaConf.create(CONFIG)
        config.number, config.home = number, f"runs{number}"
        assert resolved(config.sweep, key) == str(config.sweep[key])


def test_what_cannot_be_resolved_is_refused_as_by_omegaconf() -> None:
    with pytest.raises(InterpolationKeyError, match="nowhere"):
        resolved(OmegaConf.create(CONFIG).sweep, "broken")
