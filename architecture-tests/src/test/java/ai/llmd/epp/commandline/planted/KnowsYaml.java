package ai.llmd.epp.commandline.planted;

import ai.llmd.epp.yaml.YamlSource;

final class KnowsYaml {
  final YamlSource source = new YamlSource("", "");
}
