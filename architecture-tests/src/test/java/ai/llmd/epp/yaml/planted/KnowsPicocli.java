package ai.llmd.epp.yaml.planted;

import picocli.CommandLine;

final class KnowsPicocli {
  final CommandLine commandLine = new CommandLine(this);
}
