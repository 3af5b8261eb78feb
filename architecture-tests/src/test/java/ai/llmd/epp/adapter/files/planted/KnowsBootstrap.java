package ai.llmd.epp.adapter.files.planted;

import ai.llmd.epp.bootstrap.Epp;

final class KnowsBootstrap {
  final Class<?> main = Epp.class;
}
