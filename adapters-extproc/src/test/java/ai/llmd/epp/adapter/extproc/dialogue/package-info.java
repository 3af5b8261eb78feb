/** Envoy's side of the conversation, for tests of any module that serves it. */
@NullMarked
package ai.llmd.epp.adapter.extproc.dialogue;

import org.jspecify.annotations.NullMarked;
