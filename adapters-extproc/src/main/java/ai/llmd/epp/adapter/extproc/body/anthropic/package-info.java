/** Anthropic's messages API: its requests and the usage in its responses. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.anthropic;

import org.jspecify.annotations.NullMarked;
