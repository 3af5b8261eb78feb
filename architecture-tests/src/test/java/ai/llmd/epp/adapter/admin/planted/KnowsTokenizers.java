package ai.llmd.epp.adapter.admin.planted;

import ai.llmd.epp.adapter.tokenizers.VllmTokenizer;

final class KnowsTokenizers {
  final Class<?> known = VllmTokenizer.class;
}
