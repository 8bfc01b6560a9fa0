set ylabel 'right'
set yrange [0:1]
set style fill solid 0.8
set boxwidth 0.6
unset key
plot "< sed -nE 's/.*from nothing ([0-9.]+), cell frozen ([0-9.]+), fine-tuned ([0-9.]+) .*/\"from nothing\" \\1\\n\"cell frozen\" \\2\\nfine-tuned \\3/p' printed.txt" \
     using 0:2:xticlabels(1) with boxes lc rgb '#1f6fb4'
