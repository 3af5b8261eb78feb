package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.application.port.out.InvalidFieldException;
import ai.llmd.epp.yaml.RecordBinder.Refusal;

/** What to report when a plugin, or the record of its parameters, refuses what is configured. */
public final class ParameterRefusal {

  private ParameterRefusal() {}

  public static Refusal of(Throwable thrown) {
    return thrown instanceof InvalidFieldException invalid
        ? new Refusal(invalid.field(), String.valueOf(invalid.getMessage()))
        : new Refusal("", PluginLinkageErrors.sentence(thrown));
  }
}
