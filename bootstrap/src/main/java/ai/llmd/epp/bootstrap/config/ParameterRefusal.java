package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.application.port.out.InvalidFieldException;
import ai.llmd.epp.yaml.RecordBinder.Refusal;

/** What to report when a plugin, or the record of its parameters, refuses what is configured. */
final class ParameterRefusal {

  private ParameterRefusal() {}

  static Refusal of(Throwable thrown) {
    return thrown instanceof InvalidFieldException invalid
        ? new Refusal(invalid.field(), String.valueOf(invalid.getMessage()))
        : new Refusal("", Breakage.sentence(thrown));
  }
}
