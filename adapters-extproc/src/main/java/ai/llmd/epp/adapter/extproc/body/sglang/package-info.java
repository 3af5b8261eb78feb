/** SGLang's own generate API: its requests and the usage in its responses. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body.sglang;

import org.jspecify.annotations.NullMarked;
