set autoscale xfix
set xlabel 'learning rate'
set ylabel 'error'
set logscale xy
set format x '%g'
set format y '%g'
rows(units) = sprintf("< awk '$1 == %d && NF == 3 {print $2, $3}' printed.txt", units)
plot for [units in '4 16 32'] rows(int(units)) with linespoints lw 2 pt 7 ps 0.5 title units.' units'
