#!/usr/bin/env bash
# Draws docs/loss.svg from what the demo prints: ./dev demo | tools/plot_loss.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
points=$(sed -nE 's|^step ([0-9]+)/[0-9]+  loss ([0-9.]+) .*|\1 \2|p')
[ -n "$points" ] || { echo "plot_loss: no lines 'step N/M  loss X' on standard input" >&2; exit 1; }
gnuplot <<END
set terminal svg size 720,320 font 'sans-serif,13' background '#ffffff'
set output 'docs/loss.svg'
set title 'char_lm on the GPL: training loss'
set xlabel 'step'
set ylabel 'bits per character'
set yrange [0:*]
set grid lc rgb '#dddddd'
\$points << EOD
$points
EOD
plot \$points with lines lw 2 lc rgb '#1f6fb4' notitle
END
