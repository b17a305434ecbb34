#!/bin/sh
# Measures one folder, which is the unit: its path is in PENSTOCK_UNIT. Reads --depth=N; --folders is for the stage.
set -eu

depth=1
for word in "$@"; do
  case $word in --depth=*) depth=${word#--depth=} ;; esac
done

# Only what cannot break out of a JSON string is put into one.
name=$(printf '%s' "$PENSTOCK_UNIT" | tr -cd 'A-Za-z0-9/._-')

if [ ! -d "$PENSTOCK_UNIT" ]; then
  echo "$PENSTOCK_UNIT is no folder" >&2
  exit 2
fi

echo "Measuring $PENSTOCK_UNIT"
printf '{"penstock":"begin","step":1,"name":"measure","input":{"folder":"%s","depth":%s}}\n' "$name" "$depth"
kilobytes=$(du -sk "$PENSTOCK_UNIT" 2>/dev/null | cut -f1)
folders=$(find "$PENSTOCK_UNIT" -maxdepth "$depth" -type d 2>/dev/null | wc -l | tr -d ' ')
printf '{"penstock":"end","step":1,"output":{"kilobytes":%s,"folders":%s}}\n' "${kilobytes:-0}" "$folders"
printf '{"penstock":"items","done":1}\n'
